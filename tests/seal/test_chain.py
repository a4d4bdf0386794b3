import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.model.canonical import digest_of
from headwater.model.errors import DoesNotVerify, HeadwaterError
from headwater.seal.chain import TORN_TAIL, Chain
from headwater.seal.entry import FIRST, sign_entry
from headwater.seal.keys import load_signer

CHILD = """
import sys
from pathlib import Path
from headwater.seal.chain import Chain
for number in range(15):
    Chain(Path(sys.argv[1])).append("from_child", {"number": number})
"""


def test_entries_follow_each_other(make_chain):
    chain = make_chain(3)
    entries = list(chain.entries())
    assert [entry.seq for entry in entries] == [0, 1, 2]
    assert [entry.previous for entry in entries] == [FIRST, entries[0].digest, entries[1].digest]
    assert entries[2].body == {"lighthouse": 2, "name": "Kap é \udcff"}
    assert chain.head() == entries[2].digest
    report = chain.verify()
    assert (report.entries, report.head, report.problems, report.notes) == (3, entries[2].digest, (), ())


def test_an_empty_chain(tmp_path):
    chain = Chain(tmp_path / "none.jsonl")
    assert chain.head() == FIRST
    assert list(chain.entries()) == []
    assert chain.verify().problems == ("none.jsonl: missing",)


def test_every_flipped_byte_is_named(make_chain, signer):
    chain = make_chain(3)
    keys = {signer.key_id: signer.public_key}
    assert chain.verify(keys).problems == ()
    data = chain.path.read_bytes()
    for offset in range(len(data)):
        for bit in (0, 5):
            chain.path.write_bytes(data[:offset] + bytes([data[offset] ^ (1 << bit)]) + data[offset + 1 :])
            problems = chain.verify(keys).problems
            assert problems, f"byte {offset} bit {bit} went unseen"
            assert problems[0].startswith("custody.jsonl: line ")


@given(offset=st.integers(min_value=0), size=st.integers(min_value=1, max_value=400), put=st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_splice_is_found(tmp_path_factory, offset, size, put):
    chain = Chain(tmp_path_factory.mktemp("splice") / "custody.jsonl")
    for number in range(3):
        chain.append("note", {"number": number})
    data = chain.path.read_bytes()
    offset %= len(data)
    changed = data[:offset] + put + data[offset + size :]
    chain.path.write_bytes(changed)
    lines = data.splitlines(keepends=True)
    whole = {b"".join(lines[:count]) for count in range(4)}  # a cut between entries is the witness's to find
    assert bool(chain.verify().problems) == (changed not in whole)


@given(st.one_of(st.binary(), st.lists(st.sampled_from([b"{", b"[", b'"a":', b"1", b"\n", b"}", b"\0"])).map(b"".join)))
@settings(deadline=None)
def test_any_bytes_are_reported_not_raised(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "custody.jsonl"
    path.write_bytes(data)
    assert bool(Chain(path).verify().problems) == bool(data)


def test_deep_nesting_is_reported(tmp_path):
    path = tmp_path / "custody.jsonl"
    path.write_bytes(b"[" * 200_000 + b"\n")
    assert Chain(path).verify().problems == ("custody.jsonl: line 1: the line is not JSON",)


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_torn_last_line_is_kept_in_an_entry(make_chain, kept):
    chain = make_chain(2)
    whole = chain.path.read_bytes()
    chain.append("note", {"lost": True})
    torn = chain.path.read_bytes()[len(whole) :][:kept]
    chain.path.write_bytes(whole + torn)
    assert bool(chain.verify().problems) == bool(torn)
    entry = chain.append("note", {"after": True})
    assert chain.verify().problems == ()
    assert entry.seq == (3 if torn else 2)
    if torn:
        (recorded,) = [entry for entry in chain.entries() if entry.kind == TORN_TAIL]
        assert recorded.body["length_bytes"] == len(torn)
        assert len(chain.verify().notes) == 1
    assert sorted(path.name for path in chain.path.parent.iterdir()) == ["custody.jsonl"]


@pytest.mark.parametrize("step", ["replace_file", "ftruncate", "write", "fsync", "unlink"])
def test_a_crash_while_mending_loses_nothing(make_chain, monkeypatch, step):
    chain = make_chain(1)
    with chain.path.open("ab") as file:
        file.write(b'{"half')

    class Crash(BaseException):
        pass

    def crash(*_arguments, **_named):
        raise Crash

    target = {
        "replace_file": "headwater.seal.chain.replace_file",
        "unlink": "pathlib.Path.unlink",
    }.get(step, f"headwater.seal.chain.os.{step}")
    with monkeypatch.context() as patch:
        patch.setattr(target, crash)
        with pytest.raises(Crash):
            chain.append("note", {"never": 1})
    chain.append("note", {"again": 1})
    report = chain.verify()
    assert report.problems == ()
    assert [entry.kind for entry in chain.entries()].count(TORN_TAIL) == 1
    assert next(entry for entry in chain.entries() if entry.kind == TORN_TAIL).body["base64"] == "eyJoYWxm"


def test_a_changed_last_line_stops_appending(make_chain):
    chain = make_chain(2)
    data = chain.path.read_bytes()
    chain.path.write_bytes(data.replace(b'"lighthouse":1', b'"lighthouse":7'))
    with pytest.raises(DoesNotVerify) as caught:
        chain.append("note", {})
    assert caught.value.names == (str(chain.path),)
    with pytest.raises(DoesNotVerify):
        list(chain.entries())


def test_an_entry_that_nobody_signed_is_named(make_chain, signer):
    chain = make_chain(2)
    keys = {signer.key_id: signer.public_key}
    Chain(chain.path).append("note", {"forged": True})
    assert chain.verify().problems == ()  # the links hold
    assert chain.verify(keys).problems == ("custody.jsonl: line 3: it is not signed",)
    chain.append("note", {"after": True})
    assert chain.verify(keys).problems == ("custody.jsonl: line 3: it is not signed",)


def test_a_strangers_entry_is_named_and_an_introduced_key_is_known(make_chain, signer, tmp_path):
    chain, stranger = make_chain(1), load_signer(tmp_path / "stranger")
    theirs = Chain(chain.path, stranger)
    theirs.append("note", {})
    (problem,) = chain.verify({signer.key_id: signer.public_key}).problems
    assert problem == f"custody.jsonl: line 2: signed by a key that is not known here ({stranger.key_id})"
    theirs.introduce()
    theirs.introduce()
    report = chain.verify({signer.key_id: signer.public_key})
    assert (report.entries, len(report.problems), report.keys) == (3, 1, {stranger.key_id: stranger.public_key})


def test_a_signature_of_another_entry_does_not_hold(make_chain, signer):
    chain = make_chain(2)
    first, second = chain.path.read_bytes().splitlines()
    signatures = [entry.signature.encode() for entry in chain.entries()]
    chain.path.write_bytes(first + b"\n" + second.replace(signatures[1], signatures[0]) + b"\n")
    problems = chain.verify({signer.key_id: signer.public_key}).problems
    assert problems == ("custody.jsonl: line 2: its signature does not hold",)


@pytest.mark.parametrize(
    ("number", "changes", "problems"),
    [
        (2, {"previous": "1" * 64}, ["line 3: it does not follow the entry before"]),
        (0, {"previous": "1" * 64}, ["line 1: it does not follow the entry before", "line 2: it does not follow"]),
        (2, {"seq": 7}, ["line 3: its sequence number is 7"]),
        (1, {"body": {"lighthouse": 9}}, ["line 3: it does not follow the entry before"]),
        (2, {"flags": ("clock_back",)}, ["line 3: its time does not fit the entry before"]),
    ],
)
def test_an_entry_made_anew_with_the_right_key_breaks_the_links(make_chain, signer, number, changes, problems):
    """Digest and signature fit the changed entry: only the link to the entry before, or from the one after, is left."""
    chain = make_chain(3)
    entries = list(chain.entries())
    changed = replace(entries[number], **changes)
    entries[number] = sign_entry(replace(changed, digest=digest_of(changed.content())), signer)
    chain.path.write_bytes(b"".join(entry.line() + b"\n" for entry in entries))
    found = chain.verify({signer.key_id: signer.public_key}).problems
    assert len(found) == len(problems)
    assert all(one.startswith(f"custody.jsonl: {words}") for one, words in zip(found, problems, strict=True))


def test_an_entry_taken_out_of_the_middle_is_found(make_chain, signer):
    chain = make_chain(3)
    first, _, third = chain.path.read_bytes().splitlines(keepends=True)
    chain.path.write_bytes(first + third)
    assert chain.verify({signer.key_id: signer.public_key}).problems == (
        "custody.jsonl: line 2: it does not follow the entry before",
        "custody.jsonl: line 2: its sequence number is 2",
    )


def test_a_clock_set_back_is_flagged(tmp_path):
    times = iter([datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)])
    chain = Chain(tmp_path / "custody.jsonl", clock=lambda: next(times))
    assert [chain.append("note", {}).flags for _ in range(3)] == [(), ("clock_back",), ()]
    report = chain.verify()
    assert report.problems == ()
    assert len(report.notes) == 1


def test_two_processes_append_to_one_chain(make_chain):
    chain = make_chain(1)
    children = [subprocess.Popen([sys.executable, "-c", CHILD, chain.path]) for _ in range(2)]
    assert [child.wait() for child in children] == [0, 0]
    report = chain.verify()
    assert (report.entries, report.problems) == (31, ())


def test_a_long_entry_is_refused_and_leaves_the_chain_whole(make_chain):
    chain = make_chain(1)
    with pytest.raises(HeadwaterError, match="too long"):
        chain.append("note", {"text": "x" * (1 << 20)})
    assert chain.verify().entries == 1


def test_long_entries_are_read_back(make_chain):
    chain = make_chain(1)
    for _ in range(2):
        chain.append("note", {"text": "x" * 300_000})
    assert chain.append("note", {}).seq == 3
    assert chain.verify().problems == ()


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "custody.jsonl").symlink_to(tmp_path / "elsewhere")
    chain = Chain(tmp_path / "custody.jsonl")
    with pytest.raises(OSError, match="symbolic"):
        chain.append("note", {})
    assert "unreadable" in chain.verify().problems[0]
    assert (tmp_path / "elsewhere").stat().st_size == 0
