"""Benign bytes that declare an origin, made by code."""

import html
import json
import struct

from headwater.examine.examiner import Example
from headwater.examine.metadata_examples import chunk, jpeg, keys, movie, png, segment
from headwater.formats.source_types import BASE, WITH_TRAINED

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_LABEL = {"Label": "1", "ContentProducer": "lighthouse keepers", "ProduceID": "L-1"}
_SOURCE_TYPE = (
    '{"carrier":"XMP APP1","known":true,"path":"Iptc4xmpExt:DigitalSourceType",'
    f'"term":"{WITH_TRAINED}","uri":"{BASE}{WITH_TRAINED}"}}'
)
_SAID = '"label":"1","produce_id":"L-1","producer":"lighthouse keepers"}'


def packet(inside: str) -> bytes:
    """An XMP packet with properties of IPTC and of the label's namespace."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        f'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def with_packet(inside: str) -> bytes:
    """A JPEG that carries it."""
    return jpeg(segment(0xE1, XMP_HEADER + packet(inside)))


def samsung_trailer(**records: bytes) -> bytes:
    """A trailer of these records, by name."""
    body, entries = b"", []
    for name, data in records.items():
        record = struct.pack("<HHI", 0, 0x0D91, len(name)) + name.encode() + data
        entries.append((len(body), len(record)))
        body += record
    table = b"".join(struct.pack("<HHII", 0, 0x0D91, len(body) - at, length) for at, length in entries)
    directory = b"SEFH" + struct.pack("<II", 107, len(entries)) + table
    return body + directory + struct.pack("<I", len(directory)) + b"SEFT"


EXAMPLES = (
    Example(
        name="composite.jpg",
        data=with_packet(
            f"<Iptc4xmpExt:DigitalSourceType>{BASE}{WITH_TRAINED}</Iptc4xmpExt:DigitalSourceType>"
            "<Iptc4xmpExt:AISystemUsed>Beacon</Iptc4xmpExt:AISystemUsed>"
            "<Iptc4xmpExt:AIPromptInformation>a lighthouse at dusk</Iptc4xmpExt:AIPromptInformation>"
            "<photoshop:Credit>Edited with Google AI</photoshop:Credit>"
        ),
        expected=(
            (
                "declared.source_type",
                _SOURCE_TYPE,
            ),
            (
                "declared.ai_fields",
                '{"carrier":"XMP APP1","fields":["AIPromptInformation","AISystemUsed"],"system":"Beacon"}',
            ),
            ("declared.prompt", '{"carrier":"XMP APP1","prompt":"a lighthouse at dusk"}'),
            ("declared.vendor", None),
        ),
    ),
    Example(
        name="labelled.jpg",
        data=with_packet(f"<TC260:AIGC>{html.escape(html.escape(json.dumps(_LABEL)))}</TC260:AIGC>"),
        expected=(("declared.tc260", '{"carrier":"XMP APP1 TC260:AIGC",' + _SAID),),
    ),
    Example(
        name="labelled.png",
        data=png(chunk(b"tEXt", b"AIGC\0" + json.dumps({"AIGC": _LABEL}).encode())),
        expected=(("declared.tc260", '{"carrier":"PNG tEXt AIGC",' + _SAID),),
    ),
    Example(
        name="labelled.mp4",
        data=movie(keys((b"AIGC", json.dumps(_LABEL).encode())), created_seconds=1),
        expected=(("declared.tc260", None),),
    ),
    Example(
        name="edited.png",
        data=png(trailing=samsung_trailer(PEg_Info=b'{"genAIType":8}')),
        expected=(
            ("declared.vendor", '{"ai_type":8,"carrier":"trailer PEg_Info","kind":"PEg_Info","vendor":"samsung"}'),
        ),
    ),
    Example(
        name="screen.jpg",
        data=with_packet("<exif:UserComment>Screenshot</exif:UserComment>"),
        expected=(("declared.screen", '{"carrier":"XMP APP1 exif:UserComment","what":"screenshot"}'),),
    ),
    Example(
        name="phone screen.jpg",
        data=jpeg(trailing=samsung_trailer(Samsung_Capture_Info=b"Screenshot")),
        expected=(("declared.screen", '{"carrier":"trailer Samsung_Capture_Info","what":"screenshot"}'),),
    ),
)
