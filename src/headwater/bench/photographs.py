"""A folder of 12 Mpx photographs with the metadata that cameras write, made by code, no two alike."""

from pathlib import Path

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from headwater.bench.inputs import jpeg, photograph

_SCENES = 8
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmp:CreatorTool="Beacon Raw 4.2" xmp:Rating="{rating}" xmp:CreateDate="2026-05-{day:02d}T10:{minute:02d}:00"
 photoshop:City="Skagen" photoshop:Country="Denmark"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def photographs(folder: Path, count: int) -> int:
    """Write `count` JPEGs; returns their bytes. Eight landscapes, each again and again with other metadata."""
    folder.mkdir(parents=True)
    written = 0
    for scene in range(min(_SCENES, count)):
        picture = photograph(scene)
        for number in range(scene, count, _SCENES):
            xmp = _XMP.format(rating=number % 6, day=1 + number % 28, minute=number % 60)
            data = jpeg(picture, exif=_exif(number), xmp=xmp.encode())
            (folder / f"IMG_{number:04d}.jpg").write_bytes(data)
            written += len(data)
    return written


def _exif(number: int) -> bytes:
    taken = f"2026:05:{1 + number % 28:02d} 10:{number % 60:02d}:00"
    exif = Image.Exif()
    exif.update({0x010F: "Lanthorn", 0x0110: "Lanthorn L-12", 0x0112: 1, 0x0131: "L-12 1.07", 0x0132: taken})
    exif.get_ifd(0x8769).update(
        {
            0x829A: IFDRational(1, 250 + number),
            0x829D: IFDRational(28, 10),
            0x8827: 100,
            0x9000: b"0232",
            0x9003: taken,
            0x9004: taken,
            0x920A: IFDRational(35),
            0xA431: f"L12-{number:06d}",
            0xA434: "Lanthorn 35 mm f/2.8",
        }
    )
    exif.get_ifd(0x8825).update(
        {
            1: "N",
            2: (IFDRational(57), IFDRational(44), IFDRational(number, 7)),
            3: "E",
            4: (IFDRational(10), IFDRational(37), IFDRational(48)),
        }
    )
    return exif.tobytes()
