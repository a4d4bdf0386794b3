"""What a content is, by its bytes. Whether a name says something else is a fact of each item, not of the content."""

from collections.abc import Iterator

from headwater.examine.examiner import Example
from headwater.examine.view import View
from headwater.formats.signature import UNKNOWN
from headwater.model.finding import Seen, Span, State

_PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
_SIGNATURE_BYTES = 32


class FileType:
    """Claims of every content.

    type.content: media type by magic number. `nothing` where the bytes fit no known format.
    """

    name = "filetype"
    version = "1"
    claims = ("type.content",)

    def accepts(self, view: View) -> bool:  # noqa: ARG002 - every content has a type
        return True

    def examine(self, view: View) -> Iterator[Seen]:
        if view.media_type == UNKNOWN:
            yield Seen(claim="type.content", state=State.NOTHING, reason="fits no known signature")
            return
        span = Span(offset_bytes=0, length_bytes=min(_SIGNATURE_BYTES, view.size_bytes), role="signature")
        yield Seen(claim="type.content", value=view.media_type, spans=(span,))

    def examples(self) -> tuple[Example, ...]:
        return (
            Example(name="harbour.png", data=_PNG, expected=(("type.content", "image/png"),)),
            Example(name="harbour.jpg", data=_PNG, expected=(("type.content", "image/png"),)),
            Example(name="log.txt", data=b"clear sky\n", expected=(("type.content", "text/plain"),)),
        )
