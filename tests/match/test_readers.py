"""Every reader on files made by code, as several tools write them, with each trap that real ones hold."""

import json
from base64 import b64encode
from hashlib import md5, sha1, sha256
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.match.batches import Batch, Done, NotOfForm
from headwater.match.readers import READERS, json_objects
from headwater.match.reading import Reading
from headwater.match.reading_worker import answers
from headwater.model.errors import HeadwaterError, Malformed, WrongUse
from headwater.model.known import FORMS, Record, Refused
from headwater.model.parts import PARTS

PHOTODNA = "ab3c" * 72
PDQ = "f8f8f0cee0f4a84f06370a2a7d1a9c4c33e11bd6f0f0f0ceb0f4a84f06370a2a"
OTHER = "".join(f"{(7 * place) % 16:x}" for place in range(64))


def digests(text):
    data = text.encode()
    return md5(data).hexdigest(), sha1(data).hexdigest(), sha256(data).hexdigest()


def read(form, data):
    rows = list(READERS[form](BytesIO(data if isinstance(data, bytes) else data.encode())))
    return [row for row in rows if isinstance(row, Record)], [row for row in rows if isinstance(row, Refused)]


def vics(media, *, version="2.0", kind="Media", bom=False):
    if version == "2.0":
        address = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#"
        head = {"@odata.context": address + kind}
    else:
        head = {"odata.metadata": f"http://github.com/ICMEC/ProjectVic/DataModels/{version}.xml#{kind}"}
    value = media if kind == "Media" else [{"CaseID": "7", "TotalMediaFiles": 99, "Media": media}]
    return b"\xef\xbb\xbf" * bom + json.dumps({**head, "value": value}).encode()


def medium(number, text, **more):
    one, other, _ = digests(text)
    return {"MediaID": number, "Category": 1, "MD5": one.upper(), "SHA1": other.upper(), **more}


def test_every_form_has_a_reader_but_the_one_that_is_used_in_place():
    assert {*READERS} == {*FORMS} - {"nsrl"}


@pytest.mark.parametrize("version", ["1.2", "1.3", "2.0"])
@pytest.mark.parametrize("kind", ["Media", "Cases"])
@pytest.mark.parametrize("bom", [True, False])
def test_vics_sets_and_cases_of_every_version(version, kind, bom):
    records, refused = read("vics", vics([medium(1, "a"), medium(2, "b")], version=version, kind=kind, bom=bom))
    assert refused == []
    assert [(each.key, each.line, each.md5, each.sha1) for each in records] == [
        ("1", 1, *digests("a")[:2]), ("2", 2, *digests("b")[:2]),
    ]  # fmt: skip


def test_every_trap_of_vics():
    photodna = b64encode(bytes(range(144))).decode()
    media = [
        medium(1, "a", Category=None, IsPrecategorized="true", MediaSize="77", VictimIdentified="false"),
        medium(2, "b", Series={"Name": "coast"}, VictimIdentified=True, DateUpdated="/Date(1675240200000)/"),
        medium(3, "c", Series="quay", PhotoDNA=photodna, DateUpdated="2023-02-01T09:30:00.1234567+01:00Z"),
        medium(4, "d", AlternativeHashes=[{"HashName": "PhotoDNA", "HashValue": PHOTODNA}, {"HashName": "SHA-256",
               "HashValue": digests("d")[2]}]),
        medium(5, "", Category=1),
        medium(2, "another content"),
        medium(6, "e", MediaFiles=[{"MD5": "x", "FileName": "a.jpg"}, {"sourceID": "s"}], RelativeFilePath="a\\b.jpg"),
        medium(7, "e", MimeType="image"),
        {"MediaID": 8, "Category": 2},
        {"MediaID": 9, "MD5": "not a digest", "SHA1": digests("f")[1]},
    ]  # fmt: skip
    records, refused = read("vics", vics(media))
    by_key = {each.key: each for each in records}
    assert [*by_key] == ["1", "2", "3", "4", "6", "7", "9"]
    assert (by_key["1"].category, by_key["1"].victim_identified) == ("", False)
    assert (by_key["2"].series, by_key["2"].victim_identified, by_key["3"].series) == ("coast", True, "quay")
    assert by_key["3"].victim_identified is None
    assert (by_key["3"].photodna, by_key["4"].photodna) == (photodna, PHOTODNA)
    assert by_key["4"].sha256 == digests("d")[2]
    assert by_key["6"].source["MediaFiles"] == media[6]["MediaFiles"]
    assert by_key["6"].md5 == by_key["7"].md5
    assert (by_key["9"].md5, by_key["9"].sha1) == ("", digests("f")[1])
    assert [(each.line, each.key, each.field) for each in refused] == [
        (5, "5", "md5"), (5, "5", "sha1"), (6, "2", "MediaID"), (9, "8", ""), (10, "9", "md5"),
    ]  # fmt: skip
    assert {each.reason for each in refused[:2]} == {"digest of the empty file"}


def test_what_iped_and_gleapp_read_is_read_here():
    """Two layouts of public tools: IPED wants the head key first and flat records; GLEAPP reads cases of 1.3."""
    flat = b'{\r\n"odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media",\r\n"value":[\r\n'
    flat += b'{"MediaID":1,"Category":2,"VictimIdentified":"True","OffenderIdentified":null,"IsDistributed":"",'
    flat += f'"Series":"","MD5":"{digests("a")[0].upper()}","SHA1":null,"MediaSize":12}}\r\n]\r\n}}'.encode()
    records, refused = read("vics", flat)
    assert ([(each.category, each.victim_identified) for each in records], refused) == ([("2", True)], [])
    files = [{"MD5": "x", "FileName": "a.jpg", "FilePath": "DCIM\\a.jpg", "Unallocated": "false", "SourceID": "P-1"}]
    case = vics([medium(1, "a", MediaFiles=files, Exifs=[{"PropertyName": "Make"}])], version="1.3", kind="Cases")
    (record,), refused = read("vics", case)
    assert (record.source["MediaFiles"], refused) == (files, [])


@pytest.mark.parametrize("broken", [
    '{"MediaID": 2, "MD5": }', '{"MediaID": 2, "MD5": "unclosed}', '{"MediaID": 2, "Category": 1',
    '{"MediaID": 2, "x": [1, 2}', '{"MediaID": 2, \x00}',
])  # fmt: skip
def test_a_broken_record_of_vics_stops_nothing(broken):
    whole = vics([medium(1, "a"), medium(3, "c"), medium(4, "d")]).decode()
    place = whole.index('{"MediaID": 3')
    records, refused = read("vics", whole[:place] + broken + ", " + whole[place:])
    assert [each.key for each in records] == ["1", "3", "4"]
    assert [each.line for each in refused][:1] == [2]


def test_a_file_of_vics_that_breaks_off_gives_what_came_before():
    whole = vics([medium(number, f"{number}") for number in range(1, 50)])
    records, refused = read("vics", whole[: len(whole) // 2])
    assert [each.key for each in records] == [f"{number}" for number in range(1, len(records) + 1)]
    assert 20 < len(records) < 30
    assert refused[-1].reason == "the file breaks off here"


def test_records_longer_than_a_block_are_read_and_endless_ones_are_refused(monkeypatch):
    monkeypatch.setattr(json_objects, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(json_objects, "MAX_OBJECT_BYTES", 2000)
    media = [medium(1, "a", Comments="x" * 500), medium(2, "b", Comments="y" * 5000), medium(3, "c")]
    records, refused = read("vics", vics(media))
    assert [each.key for each in records] == ["1", "3"]
    assert [each.line for each in refused] == [2]


def test_what_is_not_vics_is_refused_by_name():
    for text in ("{}", '{"value": [{"MediaID": 1}]}', "md5\nabc\n", '{"@odata.context": "x#Other", "value": [{}]}'):
        with pytest.raises(Malformed, match="not"):
            read("vics", text)


def test_icse():
    head = ("MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
            "Number of submissions;File Available;Media Type;Baseline")  # fmt: skip
    one, other, _ = digests("a")
    rows = [f"{one};{other};;9001;yes;no;no;coast;2;yes;image;yes", f"{one};;;9002;;yes;;;;;;no", "too;short"]
    rows += [f"{digests('')[0]};;;9003;;;;;;;;yes", f"{one};{'x' * 40};;9004;a;b;c;d;e;f;g;h;i"]
    records, refused = read("icse", "\ufeff" + "\r\n".join([head, *rows]))
    assert [(each.key, each.category, each.series, each.victim_identified) for each in records] == [
        ("9001", "yes", "coast", False), ("9002", "no", "", True),
    ]  # fmt: skip
    assert [each.line for each in refused] == [4, 4, 5, 6]
    with pytest.raises(Malformed, match="ICSE"):
        read("icse", f"md5;sha1\n{one};{other}\n")


def test_pdq_lists_in_every_spelling():
    lines = [PDQ, f"{PDQ},coast.jpg", f"{PDQ},80,coast.jpg", f"{PDQ},30,flat.jpg", f"coast.jpg,{PDQ}", "0" * 64,
             "f" * 64, "not a hash", PDQ[:-1], "", f"{PDQ.upper()},2026.jpg"]  # fmt: skip
    records, refused = read("pdq", "\n".join(lines))
    assert [(each.key, each.pdq_quality) for each in records] == [
        ("1", None), ("2", None), ("3", 80), ("5", None), ("11", None),
    ]  # fmt: skip
    assert {each.pdq for each in records} == {PDQ}
    assert [each.line for each in refused] == [4, 6, 7, 8, 9]
    assert len(read("pdq", f"FilePath,Hash\ncoast.jpg,{PDQ}\n")[0]) == 1


def test_vpdq_as_lines_and_as_compact_json():
    lines = f"0,90,{PDQ},0.000\n30,30,{PDQ},1.001\n60,88,{OTHER},2.002002\n\n0,77,{PDQ},0.0\nbroken\n"
    records, refused = read("vpdq", lines)
    assert [[(frame.number, frame.time_seconds) for frame in each.frames] for each in records] == [
        [(0, 0.0), (60, 2.002002)], [(0, 0.0)],
    ]  # fmt: skip
    assert [each.line for each in refused] == [2, 6]
    (record,), refused = read("vpdq", json.dumps([f"{PDQ},90,0.0", f"{OTHER},88,9.9e+02", "x", f"{OTHER},88,soon"]))
    assert [frame.time_seconds for frame in record.frames] == [0.0, 990.0]
    assert [each.field for each in refused] == ["frame 2", "frame 3"]


def test_generic_csv_keeps_every_column():
    text = f"Name;MD5 Hash;SHA-256;Category;Remark\ncoast.jpg;{digests('a')[0].upper()};{digests('a')[2]};2;=1+1\n"
    (record,), refused = read("csv", text + "only;two\n;;;;\n" + '"never closed;\n')
    assert (record.md5, record.sha256, record.category) == (digests("a")[0], digests("a")[2], "2")
    assert record.source["Remark"] == "=1+1"
    assert [each.line for each in refused] == [3, 4, 5]
    with pytest.raises(Malformed, match="no column"):
        read("csv", "a,b\n1,2\n")


def test_csv_in_utf_16_as_some_tools_export_it():
    text = f"Name\tMD5\ncoast.jpg\t{digests('a')[0]}\n"
    assert [each.md5 for each in read("csv", text.encode("utf-16"))[0]] == [digests("a")[0]]


def test_parts_come_back_from_a_headwater():
    parts = [OTHER, "-", *[PDQ] * (len(PARTS) - 2)]
    (record,), _ = read("csv", f"pdq,pdq_quality,pdq_parts\n{PDQ},90,{' '.join(parts)}\n")
    assert record.parts == (OTHER, "", *parts[2:])
    (record,), _ = read("csv", f"pdq,pdq_quality,pdq_parts\n{PDQ},90,{PDQ} {OTHER}\n")
    assert record.parts == ()  # of another grid


def test_plain_digests():
    one, other, third = digests("a")
    text = f"# coast\nMD5\n{one}\n{other}  coast.jpg\n12,{one},{third},/a/b.jpg\n{'0' * 40}\nabc\n\n{digests('')[1]}\n"
    records, refused = read("digests", text)
    assert [(each.line, each.md5, each.sha1, each.sha256) for each in records] == [
        (3, one, "", ""), (4, "", other, ""), (5, one, "", third),
    ]  # fmt: skip
    assert [each.line for each in refused] == [6, 7, 9]


def test_threatexchange_descriptors_and_cache():
    rows = [
        {"id": "1", "raw_indicator": digests("a")[0], "type": "HASH_MD5", "tags": None, "status": "MALICIOUS"},
        {"id": "2", "raw_indicator": PDQ, "type": "HASH_PDQ", "tags": ["x"]},
        {"id": "3", "raw_indicator": PDQ, "type": "HASH_PDQ", "tags": {"data": [{"text": "false_positive"}]}},
        {"id": "4", "raw_indicator": "x", "type": "URI"},
        {"id": "5", "raw_indicator": "0" * 64, "type": "HASH_PDQ"},
    ]
    for text in (json.dumps(rows), json.dumps({"data": rows}), "\n".join(map(json.dumps, rows))):
        records, refused = read("threatexchange", text)
        assert [(each.key, each.md5, each.pdq) for each in records] == [("1", digests("a")[0], ""), ("2", "", PDQ)]
        assert [each.key for each in refused] == ["3", "4", "5"]
        assert records[0].category == "MALICIOUS"
    cache = f"indicator,first_descriptor_id,added_on,labels\n{PDQ},7,2023,true_positive x\n"
    cache += f"{OTHER},8,2023,false_positive\nx,9,,\n"
    records, refused = read("threatexchange", cache)
    assert [(each.key, each.pdq, each.category) for each in records] == [("7", PDQ, "true_positive x")]
    assert [each.line for each in refused] == [3, 4]


def ncmec(entries):
    space = "https://hashsharing.ncmec.org/hashsharing/v2"
    return f'<?xml version="1.0"?><queryResult xmlns="{space}"><images>{entries}</images></queryResult>'


def test_ncmec():
    one = (f'<image><member id="4">A member</member><timestamp>2023</timestamp><id>i1</id><classification>A1'
           f"</classification><fingerprints><md5>{digests('a')[0]}</md5><pdna>{PHOTODNA}</pdna>"
           f"<pdq>{PDQ}</pdq></fingerprints></image>")  # fmt: skip
    gone = "<deletedImage><id>i2</id></deletedImage>"
    bare = "<image><id>i3</id></image>"
    (record,), refused = read("ncmec", ncmec(one + gone + bare))
    assert (record.key, record.category, record.md5, record.pdq) == ("i1", "A1", digests("a")[0], PDQ)
    assert (record.photodna, record.source["member_id"]) == (PHOTODNA, "4")
    assert [each.key for each in refused] == ["i2", "i3"]
    records, refused = read("ncmec", ncmec(one)[:-20])
    assert (len(records), len(refused)) == (1, 1)
    for text in ("<other/>", "no xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'):
        with pytest.raises(Malformed):
            read("ncmec", text)


GOOD = {
    "vics": vics([medium(number, f"{number}") for number in range(20)]),
    "csv": ("md5,name\n" + "".join(f"{digests(str(n))[0]},{n}.jpg\n" for n in range(20))).encode(),
    "digests": "".join(f"{digests(str(n))[1]}\n" for n in range(20)).encode(),
    "pdq": (f"{PDQ}\n" * 20).encode(),
    "vpdq": (f"0,90,{PDQ},0.0\n\n" * 20).encode(),
    "threatexchange": b"\n".join(
        json.dumps({"id": f"{n}", "raw_indicator": digests(str(n))[0], "type": "HASH_MD5"}).encode() for n in range(20)
    ),
    "icse": (
        "MD5;SHA1;Image ID;Series name;Baseline\n" + "".join(f"{digests(str(n))[0]};;{n};;yes\n" for n in range(20))
    ).encode(),
    "ncmec": ncmec("".join(
        f"<image><id>{n}</id><fingerprints><md5>{digests(str(n))[0]}</md5></fingerprints></image>" for n in range(20)
    )).encode(),
}  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(form=st.sampled_from(sorted(GOOD)), data=st.data())
def test_whatever_is_done_to_a_file_it_is_read_or_refused(form, data):
    raw = bytearray(GOOD[form])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    told = [*answers(BytesIO(bytes(raw)), form)]
    assert isinstance(told[-1], Done | NotOfForm)
    if isinstance(told[-1], Done):
        assert (told[-1].sha256, told[-1].bytes_read) == (sha256(raw).hexdigest(), len(raw))


@pytest.mark.parametrize("form", ["csv", "digests", "pdq", "vpdq", "threatexchange", "icse", "vics"])
def test_a_malformed_row_anywhere_never_stops_an_import(form):
    lines = GOOD[form].replace(b"}, {", b"},\n{").split(b"\n")
    first = 2 if form in {"csv", "icse", "vics"} else 1
    whole = len(read(form, b"\n".join(lines))[0])
    for place in range(first, len(lines)):
        broken = b'{"MediaID": "torn", ' if form == "vics" else b'"\x00torn,row;\xff'
        records, refused = read(form, b"\n".join([*lines[:place], broken, *lines[place:]]))
        assert refused
        assert len(records) >= whole - (form == "vpdq")  # a torn line within a video ends nothing either


def test_a_jailed_worker_reads_and_digests(tmp_path):
    path = tmp_path / "set.json"
    path.write_bytes(GOOD["vics"])
    reading = Reading(path, "vics", unsafe=False)
    assert [row.key for row in reading] == [f"{number}" for number in range(20)]
    assert (reading.sha256, reading.bytes_read) == (sha256(GOOD["vics"]).hexdigest(), len(GOOD["vics"]))


def test_another_form_is_named_in_the_error(tmp_path):
    path = tmp_path / "set.json"
    path.write_bytes(GOOD["vics"])
    with pytest.raises(WrongUse, match=r"is not csv: .*odata"):
        list(Reading(path, "csv", unsafe=False))
    with pytest.raises(WrongUse, match="No such file"):
        list(Reading(tmp_path / "absent", "csv", unsafe=False))


def test_a_worker_that_is_given_nonsense_tells_a_fault():
    assert isinstance([*answers(BytesIO(b"<a/>"), "ncmec")][-1], NotOfForm)
    assert isinstance(next(iter(answers(BytesIO(GOOD["pdq"]), "pdq"))), Batch)
    assert issubclass(Malformed, HeadwaterError)


def test_titles_with_a_lone_carriage_return_are_no_csv():
    with pytest.raises(Malformed, match="its first line is not CSV"):
        read("csv", "md5\rid\r,category\n")
