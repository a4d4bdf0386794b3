"""IPTC-IIM 4.2 datasets, and the Photoshop image resources (8BIM) they usually lie in."""

from dataclasses import dataclass

from headwater.formats.charset import utf8_or_latin
from headwater.formats.structure import Damage

_DATASETS_MAX = 20_000
_RESOURCES_MAX = 4096
# Figures, paths and flags of printing, grids and layers: nothing on where a picture comes from.
_SILENT = """
03E8 03E9 03EA 03ED 03EF 03F1 03F2 03F3 03F4 03F5 03F7 03F8 03F9 03FA 03FB 03FC 03FD 03FE 0400 0402 0406 0408 040A 040D
0410 0411 0412 0413 0414 0416 0417 0419 041D 0425 0426 0428 042D 0430 0432 0435 0436 043A 043B 043C 0440 2710
"""
SILENT_RESOURCES = frozenset(range(0x07D0, 0x0BB7)) | {int(number, 16) for number in _SILENT.split()}
_UTF8 = (b"\x1b%G", b"\x1b%/I")
_NAMES = {
    1: (
        "0 EnvelopeRecordVersion|5 Destination|20 FileFormat|22 FileFormatVersion|30 ServiceIdentifier|"
        "40 EnvelopeNumber|50 ProductID|60 EnvelopePriority|70 DateSent|80 TimeSent|90 CodedCharacterSet|100 UNO|"
        "120 ARMIdentifier|122 ARMVersion"
    ),
    2: (
        "0 RecordVersion|3 ObjectTypeReference|4 ObjectAttributeReference|5 ObjectName|7 EditStatus|"
        "8 EditorialUpdate|10 Urgency|12 SubjectReference|15 Category|20 SupplementalCategory|"
        "22 FixtureIdentifier|25 Keywords|26 ContentLocationCode|27 ContentLocationName|30 ReleaseDate|"
        "35 ReleaseTime|37 ExpirationDate|38 ExpirationTime|40 SpecialInstructions|42 ActionAdvised|"
        "45 ReferenceService|47 ReferenceDate|50 ReferenceNumber|55 DateCreated|60 TimeCreated|"
        "62 DigitalCreationDate|63 DigitalCreationTime|65 OriginatingProgram|70 ProgramVersion|75 ObjectCycle|"
        "80 By-line|85 By-lineTitle|90 City|92 Sub-location|95 Province-State|100 CountryCode|101 CountryName|"
        "103 OriginalTransmissionReference|105 Headline|110 Credit|115 Source|116 CopyrightNotice|118 Contact|"
        "120 Caption-Abstract|122 Writer-Editor|125 RasterizedCaption|130 ImageType|131 ImageOrientation|"
        "135 LanguageIdentifier|150 AudioType|151 AudioSamplingRate|152 AudioSamplingResolution|153 AudioDuration|"
        "154 AudioOutcue|200 ObjectDataPreviewFileFormat|201 ObjectDataPreviewFileFormatVersion|"
        "202 ObjectDataPreviewData"
    ),
    7: "10 SizeMode|20 MaxSubfileSize|90 ObjectDataSizeAnnounced|95 MaximumObjectDataSize",
    8: "10 Subfile",
    9: "10 ConfirmedObjectDataSize",
}
_TABLE = {
    (record, int(row.partition(" ")[0])): row.partition(" ")[2]
    for record, rows in _NAMES.items()
    for row in rows.split("|")
}
_BINARY = {
    (1, 0),
    (1, 20),
    (1, 22),
    (1, 120),
    (1, 122),
    (2, 0),
    (2, 125),
    (2, 200),
    (2, 201),
    (2, 202),
    (7, 10),
    (7, 20),
    (7, 90),
    (7, 95),
    (8, 10),
    (9, 10),
}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset.

    value: text, a whole number, or hexadecimal for what is neither. Offsets count from the start of the data.
    cut: its end is missing.
    """

    record: int
    dataset: int
    name: str
    value: str | int
    charset: str
    offset_bytes: int
    length_bytes: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """One Photoshop image resource; the range is that of its data."""

    identifier: int
    offset_bytes: int
    length_bytes: int


def read_iptc(data: bytes) -> tuple[tuple[Dataset, ...], tuple[Damage, ...]]:
    """Read datasets until the data ends or no dataset marker (0x1C) follows. Never raises."""
    datasets: list[Dataset] = []
    damage: list[Damage] = []
    declared = ""
    at = 0
    while at + 5 <= len(data) and len(datasets) < _DATASETS_MAX:
        if data[at] != 0x1C:
            if data[at:].strip(b"\0"):
                damage.append(Damage("IPTC: no dataset marker", at, len(data) - at))
            break
        record, number = data[at + 1], data[at + 2]
        start, length = _extent(data, at)
        cut = length < 0 or start + length > len(data)
        if cut:
            damage.append(Damage("IPTC: a dataset runs past the end", at, len(data) - at))
            length = max(0, len(data) - start)
            if not length:
                break  # nothing of it is here
        raw = data[start : start + length]
        if (record, number) == (1, 90):
            declared = "utf-8" if raw in _UTF8 else declared
        value, charset = _value(record, number, raw, declared)
        name = _TABLE.get((record, number), f"{record}:{number}")
        datasets.append(Dataset(record, number, name, value, charset, at, start + length - at, cut))
        at = start + length
    return tuple(datasets), tuple(damage)


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Where a dataset's value starts and how long it is (IIM 1.6: bit 15 set means an extended length follows)."""
    length = int.from_bytes(data[at + 3 : at + 5], "big")
    if length < 0x8000:
        return at + 5, length
    digits = length & 0x7FFF
    if digits > 8:
        return at + 5, -1
    return at + 5 + digits, int.from_bytes(data[at + 5 : at + 5 + digits], "big")


def _value(record: int, number: int, raw: bytes, declared: str) -> tuple[str | int, str]:
    if (record, number) in _BINARY or record not in _NAMES:
        return (int.from_bytes(raw, "big") if 0 < len(raw) <= 4 and record in _NAMES else raw[:4096].hex()), ""
    if (record, number) == (1, 90):
        return raw.decode("latin-1"), "ascii"
    if raw.isascii():
        return raw.decode("ascii"), "ascii"
    text, whole = utf8_or_latin(raw)
    if whole:
        return text, declared or "utf-8 (not declared)"
    return (text, "utf-8 (damaged)") if declared else (raw.decode("cp1252", "replace"), "cp1252 (assumed)")


def read_resources(data: bytes) -> tuple[tuple[Resource, ...], tuple[Damage, ...]]:
    """Read Photoshop image resource blocks (Adobe Photoshop File Formats Specification). Never raises."""
    found: list[Resource] = []
    at = 0
    while at + 12 <= len(data) and len(found) < _RESOURCES_MAX:
        if data[at : at + 4] not in (b"8BIM", b"PHUT", b"DCSR", b"AgHg", b"MeSa"):
            if data[at:].strip(b"\0"):
                return tuple(found), (Damage("Photoshop resources: no 8BIM signature", at, len(data) - at),)
            break
        identifier = int.from_bytes(data[at + 4 : at + 6], "big")
        start = at + 6 + (data[at + 6] + 2) // 2 * 2 + 4
        length = int.from_bytes(data[start - 4 : start], "big")
        if start + length > len(data):
            there = max(0, len(data) - start)
            found.append(Resource(identifier, start, there))
            return tuple(found), (Damage(f"Photoshop resource {identifier:04X} runs past the end", at, len(data) - at),)
        found.append(Resource(identifier, start, length))
        at = start + (length + 1) // 2 * 2
    return tuple(found), ()
