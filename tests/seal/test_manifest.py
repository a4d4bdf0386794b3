import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.model.canonical import canonical_bytes, digest_of
from headwater.model.errors import DoesNotVerify
from headwater.seal.manifest import MANIFEST, Manifest, SealedFile


def sealed(folder, name, rows=None):
    data = (folder / name).read_bytes()
    return SealedFile(name=name, sha256=sha256(data).hexdigest(), size_bytes=len(data), rows=rows)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_bytes(b"lamp,height\n")
    (tmp_path / "sub" / "b.txt").write_bytes(b"fog horn")
    files = (sealed(tmp_path, "sub/b.txt"), sealed(tmp_path, "a.csv", rows=1))
    Manifest(files=files, body={"operation": "Springhead"}).write(tmp_path)
    return tmp_path


def found(folder):
    return [(problem.file, problem.kind) for problem in Manifest.check(folder)]


def test_a_sealed_folder_holds(folder):
    assert found(folder) == []
    manifest = Manifest.read(folder)
    assert [file.name for file in manifest.files] == ["a.csv", "sub/b.txt"]
    assert manifest.body == {"operation": "Springhead"}
    assert manifest.digest == json.loads((folder / MANIFEST).read_bytes())["digest"]


def test_changed_missing_and_surplus_are_each_named(folder):
    (folder / "a.csv").unlink()
    (folder / "sub" / "b.txt").write_bytes(b"fog hoRn")
    (folder / "sub" / "c.txt").write_bytes(b"")
    (folder / "link").symlink_to("a.csv")
    assert found(folder) == [
        ("a.csv", "missing"),
        ("link", "surplus"),
        ("sub/b.txt", "changed"),
        ("sub/c.txt", "surplus"),
    ]


def test_a_listed_file_replaced_by_a_link_is_changed(folder):
    (folder / "a.csv").rename(folder.parent / "moved.csv")
    (folder / "a.csv").symlink_to(folder.parent / "moved.csv")
    assert found(folder) == [("a.csv", "changed")]


@pytest.mark.parametrize("name", ["a.csv", "sub/b.txt", MANIFEST])
def test_every_flipped_byte_is_named(folder, name):
    path = folder / name
    path.chmod(0o600)
    data = path.read_bytes()
    for offset in range(len(data)):
        path.write_bytes(data[:offset] + bytes([data[offset] ^ 4]) + data[offset + 1 :])
        assert found(folder) == [(name, "changed")], f"byte {offset}"


def test_a_missing_manifest_is_named(folder):
    (folder / MANIFEST).unlink()
    assert found(folder) == [(MANIFEST, "missing")]
    with pytest.raises(DoesNotVerify):
        Manifest.read(folder)


@pytest.mark.parametrize("name", ["../a", "/etc/hostname", "sub/../a", "", ".", "a/"])
def test_names_outside_the_folder_are_refused(tmp_path, name):
    Manifest(files=(SealedFile(name=name, sha256="0" * 64, size_bytes=0),)).write(tmp_path)
    assert found(tmp_path) == [(MANIFEST, "changed")]


def test_well_digested_nonsense_is_refused(tmp_path):
    content = {"format": "headwater.manifest/1", "files": [{"surprise": 1}], "body": {}}
    (tmp_path / MANIFEST).write_bytes(canonical_bytes({**content, "digest": digest_of(content)}) + b"\n")
    assert found(tmp_path) == [(MANIFEST, "changed")]


@given(st.one_of(st.binary(), st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())))
@settings(deadline=None)
def test_any_bytes_are_reported_not_raised(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("manifest")
    (folder / MANIFEST).write_bytes(data)
    assert found(folder) == [(MANIFEST, "changed")]
