"""What a content is, and whether its name says something else."""

import json
from collections.abc import Iterator

from headwater.examine.examiner import Example
from headwater.examine.view import View
from headwater.formats.signature import UNKNOWN, extension_agrees
from headwater.model.finding import Seen, Span, State
from headwater.model.visible import visible

_PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")
_SIGNATURE_BYTES = 32


class FileType:
    """Claims of every content.

    type.content: media type by magic number. `nothing` where the bytes fit no known format.
    type.extension_lies: JSON {"extension", "type"} where a known extension stands on something else; `nothing` where it
    fits; `not_run` where there is no extension, or none that is known.
    """

    name = "filetype"
    version = "1"
    claims = ("type.content", "type.extension_lies")

    def accepts(self, view: View) -> bool:  # noqa: ARG002 - every content has a type
        return True

    def examine(self, view: View) -> Iterator[Seen]:
        if view.media_type == UNKNOWN:
            yield Seen(claim="type.content", state=State.NOTHING, reason="fits no known signature")
        else:
            span = Span(offset_bytes=0, length_bytes=min(_SIGNATURE_BYTES, view.size_bytes), role="signature")
            yield Seen(claim="type.content", value=view.media_type, spans=(span,))
        yield _extension(view)

    def examples(self) -> tuple[Example, ...]:
        return (
            Example(name="harbour.png", data=_PNG, expected=(("type.content", "image/png"),)),
            Example(
                name="harbour.jpg",
                data=_PNG,
                expected=(("type.extension_lies", '{"extension":"jpg","type":"image/png"}'),),
            ),
            Example(name="log.txt", data=b"clear sky\n", expected=(("type.content", "text/plain"),)),
        )


def _extension(view: View) -> Seen:
    claim = "type.extension_lies"
    agrees = extension_agrees(view.name, view.media_type)
    if agrees is None:
        return Seen(claim=claim, state=State.NOT_RUN, reason="no known extension, or no known type, to compare")
    if agrees:
        return Seen(claim=claim, state=State.NOTHING, reason="extension and content agree")
    extension = visible(view.name.rpartition(b".")[2]).lower()
    value = json.dumps({"extension": extension, "type": view.media_type}, sort_keys=True, separators=(",", ":"))
    return Seen(claim=claim, value=value)
