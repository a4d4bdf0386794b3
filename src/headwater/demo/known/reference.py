"""What a laboratory brings of its own: which networks are whose, and how known camera models write their files."""

import json
from hashlib import sha256

from headwater.demo.camera_exif import Shot, maker_note
from headwater.demo.people.countries import CODES
from headwater.demo.people.identifiers import HOME_BLOCK_BITS
from headwater.demo.story import Story

_NETWORKS_OF_EXITS = "203.0.113.0,203.0.113.255,CH"  # a host of VPN exits: no user is at home there


def ip_countries() -> bytes:
    """Write first address, last address, country. One row is out of date: it gives Austria's block to Germany."""
    rows = ["first,last,country", _NETWORKS_OF_EXITS]
    for nation, code in enumerate(CODES):
        low = nation << HOME_BLOCK_BITS
        first, last = (f"198.{18 + (place >> 16)}.{place >> 8 & 255}.{place & 255}"
                       for place in (low, low + (1 << HOME_BLOCK_BITS) - 1))  # fmt: skip
        told = "DE" if code == "AT" else code
        rows += [
            f"{first},{last},{told}",
            f"100.{64 + nation}.0.0,100.{64 + nation}.255.255,{code}",
            f"2001:db8:{nation + 1:x}::,2001:db8:{nation + 1:x}:ffff:ffff:ffff:ffff:ffff,{code}",
        ]
    return ("\n".join(rows) + "\n").encode()


def camera_models(story: Story) -> bytes:
    """Write how each model of the operation writes: sizes, quantisation tables, preview, head of the maker note."""
    models = {body.model.model: body for body in story.bodies.all}
    rows = [
        {
            "make": body.model.make, "model": name, "width_pixels": body.model.width,
            "height_pixels": body.model.height, "thumbnail_pixels": list(body.model.thumbnail),
            "maker_note_starts_with": maker_note(body, Shot(taken=story.days.begin, number=0))[:-12].hex(),
            "quantisation_sha256": [
                sha256(bytes(table[place] for place in _ZIGZAG)).hexdigest() for table in body.model.tables
            ],
        }
        for name, body in sorted(models.items())
    ]  # fmt: skip
    return (json.dumps(rows, indent=1) + "\n").encode()


def _zigzag() -> tuple[int, ...]:
    """Order 64 places as a DQT segment keeps them (ITU-T T.81, figure 5)."""
    places = [(row, column) for row in range(8) for column in range(8)]
    places.sort(key=lambda place: (sum(place), place[0] if sum(place) % 2 else place[1]))
    return tuple(8 * row + column for row, column in places)


_ZIGZAG = _zigzag()
