"""What a picture's header says of it, and whether its pixels can be decoded."""

import base64
from collections.abc import Iterator

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.view import View
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

_HEADER_CLAIMS = ("format", "width_pixels", "height_pixels", "mode", "frames")

# A 2 x 1 pixel GIF, made by hand from the specification (GIF89a).
_GIF = base64.b64decode("R0lGODlhAgABAIAAAAAAAP///ywAAAAAAgABAAACAkQKADs=")


class PictureFacts:
    """Claims of a picture, from its header and from an attempt to decode it.

    picture.format, picture.width_pixels, picture.height_pixels, picture.frames; picture.mode: Pillow's word for the
    kind of pixel.
    picture.decodes: `whole`; `partial` where pixels are missing or damaged; `failed` with its reason.
    picture.decode_note: what the decoder complained of; absent where it did not.

    Width and height are as stored: an EXIF orientation is not applied.
    """

    name = "picture"
    version = "1"
    claims = (*(f"picture.{claim}" for claim in _HEADER_CLAIMS), "picture.decodes", "picture.decode_note")

    def accepts(self, view: View) -> bool:
        return decodable(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        yield from _header(view)
        yield from _decodes(view)

    def examples(self) -> tuple[Example, ...]:
        expected = (
            ("picture.format", "GIF"),
            ("picture.width_pixels", "2"),
            ("picture.height_pixels", "1"),
            ("picture.frames", "1"),
            ("picture.decodes", "whole"),
        )
        return (Example(name="two_pixels.gif", data=_GIF, expected=expected),)


def _header(view: View) -> Iterator[Seen]:
    try:
        header = view.header()
    except EvidenceError as fault:
        reason = f"{fault.kind}: {fault.message}"
        for claim in _HEADER_CLAIMS:
            yield Seen(claim=f"picture.{claim}", state=State.FAILED, reason=reason)
        return
    for claim in _HEADER_CLAIMS:
        yield Seen(claim=f"picture.{claim}", value=str(getattr(header, claim)))


def _decodes(view: View) -> Iterator[Seen]:
    try:
        picture = view.picture()
    except EvidenceError as fault:
        yield Seen(claim="picture.decodes", state=State.FAILED, reason=f"{fault.kind}: {fault.message}")
        return
    yield Seen(claim="picture.decodes", value="partial" if picture.partial else "whole")
    if picture.note:
        yield Seen(claim="picture.decode_note", value=picture.note)
