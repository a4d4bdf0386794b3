"""Known sets, case files and exports from the command line."""

import csv
import json
from hashlib import md5, sha1, sha256
from io import BytesIO

import pytest

from headwater.match.readers import READERS
from headwater.model.known import Record
from headwater.steps import casefile

from .conftest import Program, hill


@pytest.fixture
def fresh(tmp_path):
    program = Program(tmp_path)
    assert program("init", program.workspace, "--operation", "Springhead").code == 0
    return program


@pytest.fixture
def examined(fresh):
    """Two hills, one of them twice, and a file whose name would act in a spreadsheet."""
    fresh.evidence.mkdir()
    (fresh.evidence / "hill.png").write_bytes(hill("PNG"))
    (fresh.evidence / "hill.jpg").write_bytes(hill("JPEG"))
    (fresh.evidence / "again.jpg").write_bytes(hill("JPEG"))
    (fresh.evidence / "=1+1.txt").write_text("a coast\n")
    assert fresh("run", fresh.evidence, "-w", fresh.workspace, "--exhibit", "X-1", "--quiet").code == 0
    return fresh


def known_csv(tmp_path, *rows):
    path = tmp_path / "known.csv"
    path.write_text("\n".join(["id,sha1,category,series", *rows]) + "\n")
    return path


def lines(ended):
    return [json.loads(line) for line in ended.out.splitlines()]


def test_a_set_is_added_listed_matched_and_withdrawn(examined, tmp_path):
    digest = sha1(hill("JPEG")).hexdigest()
    at = ("-w", examined.workspace)
    path = known_csv(tmp_path, f"r1,{digest},2,coast", "r2,short,1,", f"r3,{sha1(b'').hexdigest()},1,")
    added = examined("hashset", "add", path, "--as", "csv", "--scheme", "local:lab", "--name", "lab <b>", *at)
    assert added.code == 4
    assert "1 record   2 refused" in added.out
    assert "line 3, sha1: 5 characters where sha1 has 40: short" in added.out
    assert "line 4, sha1: digest of the empty file" in added.out
    (listed,) = lines(examined("hashset", "list", "--json", *at))
    assert (listed["name"], listed["state"], listed["scheme"], listed["records"]) == (
        "lab <b>",
        "in use",
        "local:lab",
        1,
    )
    refused = lines(examined("hashset", "refused", "lab <b>", "--json", *at))
    assert [(row["line"], row["field"]) for row in refused] == [(3, "sha1"), (4, "sha1")]
    told = json.loads(examined("match", "--json", *at).out)
    assert (told["matches"]["sets"], told["matches"]["matches"], told["matches"]["is_new"]) == (1, 2, True)
    rows = lines(examined("show", "matches", "--json", *at))
    assert {(row["kind"], row["category"], row["record"]) for row in rows} == {("sha1", "2", "r1"), ("pdq", "2", "r1")}
    explained = examined("explain", sha256(hill("JPEG")).hexdigest(), *at).out
    assert "lab <b>, record r1 (known), category 2 of local:lab" in explained
    assert "exact" in explained
    assert examined("trace", "--quiet", *at).code == 0
    (known,) = lines(examined("show", "queue", "--json", "--where", "tier = 8", *at))
    assert known["reason"] == "known: lab <b>, record r1, category 2 (local:lab)"
    withdrawn = examined("hashset", "withdraw", "lab <b>", "--reason", "called back", *at)
    assert withdrawn.out.startswith("withdrawn: lab <b>")
    assert json.loads(examined("match", "--json", *at).out)["matches"]["matches"] == 0
    assert lines(examined("hashset", "list", "--json", *at))[0]["state"] == "withdrawn: called back"
    assert examined("verify", "--seals-only", *at).code == 0


def test_a_harmless_set_that_takes_much_is_held_back_until_it_is_released(examined, tmp_path):
    at = ("-w", examined.workspace)
    stock = tmp_path / "stock.txt"
    stock.write_text(f"{sha1(hill('PNG')).hexdigest()}\n")
    add = ("hashset", "add", stock, "--as", "digests", "--name", "stock", "--role", "harmless", *at)
    held = examined(*add)
    assert held.code == 4
    assert "HELD BACK, not in use: it would take 1 of 2 pictures" in held.out
    assert examined("trace", "--quiet", *at).code == 0
    assert lines(examined("show", "queue", "--json", "--where", "tier = 9", *at)) == []
    assert examined("hashset", "release", "stock", "--reason", "looked at", *at).code == 0
    assert examined("trace", "--quiet", *at).code == 0
    (row,) = lines(examined("show", "queue", "--json", "--where", "tier = 9", *at))
    assert row["reason"] == "harmless: stock, record 1"


def test_without_a_scheme_or_a_set_it_is_said_what_to_do(fresh, tmp_path):
    at = ("-w", fresh.workspace)
    path = known_csv(tmp_path, f"r1,{sha1(b'x').hexdigest()},2,coast")
    refused = fresh("hashset", "add", path, "--as", "csv", "--name", "lab", *at)
    assert refused.code == 2
    assert "what they mean is never guessed" in refused.err
    assert "--scheme" in refused.err
    other = fresh("hashset", "add", path, "--as", "vics", "--scheme", "vics-us", "--name", "lab", *at)
    assert other.code == 2
    assert "is not vics" in other.err
    assert "no known set is in use: headwater hashset add" in fresh("match", *at).out


# -- in from other tools

DIGEST = {name: maker(b"coast").hexdigest() for name, maker in (("md5", md5), ("sha1", sha1), ("sha256", sha256))}
CSVS = {
    "iped": f"name,path,size,hash,deleted\ncoast.jpg,disk/coast.jpg,5,{DIGEST['md5'].upper()},true\n",
    "autopsy": f"Name,MD5 Hash,SHA-256 Hash,Location,Size\n"
    f"coast.jpg,{DIGEST['md5']},{DIGEST['sha256']},/disk/coast.jpg,5\n",
    "x-ways": f"Name\tPath\tSize\tHash1\tExistence\ncoast.jpg\t\\disk\t5\t{DIGEST['sha1']}\tpreviously existing\n",
    "griffeye": f"File Name;File Path;MD5;SHA1;File Size\n"
    f"coast.jpg;disk\\coast.jpg;{DIGEST['md5']};{DIGEST['sha1']};5\n",
}


@pytest.mark.parametrize("tool", CSVS)
def test_a_listing_of_another_tool_becomes_an_exhibit(fresh, tmp_path, tool):
    at = ("-w", fresh.workspace)
    listing = tmp_path / "listing.csv"
    listing.write_bytes(CSVS[tool].encode("utf-16" if tool == "x-ways" else "utf-8"))
    added = fresh("casefile", "add", listing, "--as", "csv", "--exhibit", "LH-9", *at)
    assert (added.code, added.err.splitlines()[-1:]) == (0, ["next: headwater trace; headwater show matches"])
    (item,) = lines(fresh("show", "items", "--json", *at))
    assert (item["exhibit"], item["path"], item["size_bytes"]) == ("LH-9", "disk/coast.jpg", 5)
    assert item["allocation"] == ("deleted" if tool in {"iped", "x-ways"} else "allocated")
    assert item["note"].startswith("told by listing.csv, not read here")
    digests = {value for name in ("md5", "sha1", "sha256") for value in [item[name].rpartition(":")[2]] if value}
    assert digests <= set(DIGEST.values())
    path = known_csv(tmp_path, f"r1,{DIGEST['sha1']},1,")
    md5s = tmp_path / "md5.txt"
    md5s.write_text(f"{DIGEST['md5']}\n{DIGEST['sha256']}\n")
    assert fresh("hashset", "add", path, "--as", "csv", "--scheme", "local:lab", "--name", "lab", *at).code == 0
    assert fresh("hashset", "add", md5s, "--as", "digests", "--name", "list", *at).code == 0
    assert fresh("trace", "--quiet", *at).code == 0
    assert lines(fresh("show", "matches", "--json", *at)) != []
    assert fresh("verify", *at).code == 0
    again = fresh("casefile", "add", listing, "--as", "csv", "--exhibit", "LH-9", *at)
    assert again.code == 2
    assert "exhibit LH-9 is there already" in again.err


def test_a_case_file_that_was_interrupted_goes_on_and_another_file_does_not(fresh, tmp_path, monkeypatch):
    at = ("-w", fresh.workspace)
    listing = tmp_path / "listing.csv"
    rows = "".join(f"{number}.jpg,{number:032x}\n" for number in range(1, 8))
    listing.write_text(f"name,md5\n{rows}")
    add = ("casefile", "add", listing, "--as", "csv", "--exhibit", "LH-9", *at)
    monkeypatch.setattr(casefile, "_UNIT_ROWS", 4)
    with monkeypatch.context() as patch:
        patch.setattr(casefile, "_source_row", lambda *_: 1 / 0)  # stopped at the end
        assert fresh(*add).code == 1
    other = tmp_path / "other.csv"
    other.write_text(f"name,md5\n{rows}more.jpg,{'ab' * 16}\n")
    assert fresh("casefile", "add", other, "--as", "csv", "--exhibit", "LH-9", *at).code == 2
    assert fresh(*add).code == 0
    assert len(lines(fresh("show", "items", "--json", *at))) == 7
    assert fresh("verify", "--seals-only", *at).code == 0


def test_a_case_of_vics_becomes_an_exhibit_and_its_bad_rows_are_failures(fresh, tmp_path):
    at = ("-w", fresh.workspace)
    files = [
        {"FileName": "a.jpg", "FilePath": "DCIM\\a.jpg", "Deleted": "false"},
        {"FileName": "b.jpg", "FilePath": "x"},
    ]
    media = [
        {"MediaID": 1, "Category": 2, "MD5": DIGEST["md5"], "SHA1": DIGEST["sha1"], "MediaFiles": files},
        {"MediaID": 2, "MD5": "none"},
    ]
    address = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Cases"
    case = tmp_path / "case.json"
    case.write_text(json.dumps({"@odata.context": address, "value": [{"CaseID": "7", "Media": media}]}))
    added = fresh("casefile", "add", case, "--as", "vics", "--exhibit", "LH-9", *at)
    assert added.code == 4
    rows = lines(fresh("show", "items", "--json", "--sort", "path", *at))
    assert [row["path"] for row in rows] == ["DCIM/a.jpg", "x/b.jpg"]
    assert {row["sha256"] for row in rows} == {f"sha1:{DIGEST['sha1']}"}
    assert rows[0]["note"] == "told by case.json, not read here, category 2"
    (failure,) = lines(fresh("show", "failures", "--json", *at))
    assert (failure["path"], failure["examiner"]) == ("case.json row 2, md5", "casefile")
    assert fresh("trace", "--quiet", *at).code == 0
    exact = lines(fresh("show", "groups", "--json", *at))
    assert [(row["kind"], row["sha256"]) for row in exact] == [("exact", f"sha1:{DIGEST['sha1']}")]
    assert fresh("verify", *at).code == 0


# -- out to them


def read(form, path):
    return [row for row in READERS[form](BytesIO(path.read_bytes())) if isinstance(row, Record)]


def test_what_goes_out_as_csv_comes_in_again(examined, tmp_path):
    out = tmp_path / "results.csv"
    told = json.loads(examined("export", "csv", "--out", out, "--json", "-w", examined.workspace).out)
    assert (told["contents"], told["sha256"]) == (3, sha256(out.read_bytes()).hexdigest())
    rows = {row["sha256"]: row for row in csv.DictReader(out.read_text().splitlines())}
    jpeg = rows[sha256(hill("JPEG")).hexdigest()]
    assert (jpeg["md5"], jpeg["occurrences"], jpeg["exhibits"]) == (md5(hill("JPEG")).hexdigest(), "2", "X-1")
    assert jpeg["origin"] == "undetermined"
    assert rows[sha256(b"a coast\n").hexdigest()]["path"] == "'=1+1.txt"
    records = {record.sha256: record for record in read("csv", out)}
    assert records.keys() == rows.keys()
    assert records[jpeg["sha256"]].pdq == jpeg["pdq"] != ""
    assert " ".join(part or "-" for part in records[jpeg["sha256"]].parts) == jpeg["pdq_parts"] != ""
    verified = examined("verify", out, "-w", examined.workspace)
    assert (verified.code, "an export of this operation" in verified.out) == (0, True)
    again = examined("export", "csv", "--out", out, "-w", examined.workspace)
    assert again.code == 2
    assert "is there already" in again.err


@pytest.mark.parametrize("version", ["2.0", "1.3"])
def test_what_goes_out_as_vics_comes_in_again_and_has_no_category(examined, version):
    ended = examined("export", "vics", "--version", version, "--json", "-w", examined.workspace)
    path = examined.workspace / "out" / "contents.vics.json"
    assert json.loads(ended.out)["contents"] == 3
    document = json.loads(path.read_text())
    assert {medium["Category"] for medium in document["value"]} == {None}
    by_md5 = {medium["MD5"]: medium for medium in document["value"]}
    jpeg = by_md5[md5(hill("JPEG")).hexdigest().upper()]
    assert "headwater:origin=undetermined" in jpeg["Tags"].split(",")
    assert len(jpeg["MediaFiles"]) == 2
    assert ("MediaMetadata" in jpeg) == (version == "2.0")
    assert {record.md5.upper() for record in read("vics", path)} == by_md5.keys()
