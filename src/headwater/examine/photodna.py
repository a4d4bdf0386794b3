"""PhotoDNA of a picture, made by the plug-in that a licensed agency brings. Without one, nothing of it runs."""

from collections.abc import Iterator
from typing import cast

import numpy as np

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.view import View
from headwater.model.errors import EvidenceError, HeadwaterError
from headwater.model.finding import Seen, State
from headwater.model.photodna import VALUE_BYTES, PhotoDna
from headwater.sandbox.plugins import PHOTODNA, loaded

_CLAIM = "photodna.value"


class PhotoDnaValue:
    """photodna.value: 288 hexadecimal digits, of the decoded pixels in RGB, whole or in part.

    `nothing` where the plug-in gives no value, `failed` with the decoder's reason where there are no pixels, `not_run`
    where headwater.toml names no plug-in.
    """

    name = "photodna"
    version = "1"
    claims = (_CLAIM,)

    def accepts(self, view: View) -> bool:
        return decodable(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        plugin = cast("PhotoDna | None", loaded(PHOTODNA))
        if plugin is None:
            yield Seen(claim=_CLAIM, state=State.NOT_RUN, reason="headwater.toml names no plug-in for photodna")
            return
        try:
            colours = np.ascontiguousarray(view.picture().colours()[..., :3])
        except EvidenceError as fault:
            yield Seen(claim=_CLAIM, state=State.FAILED, reason=f"{fault.kind}: {fault.message}")
            return
        value = plugin.value(colours)
        if value is None:
            yield Seen(claim=_CLAIM, state=State.NOTHING, reason="the plug-in gives this picture no value")
        elif isinstance(value, bytes) and len(value) == VALUE_BYTES:
            yield Seen(claim=_CLAIM, value=value.hex())
        else:
            raise HeadwaterError(f"the plug-in for photodna gave no value of {VALUE_BYTES} bytes")

    def examples(self) -> tuple[Example, ...]:
        return (Example(name="dot.gif", data=_DOT, expected=((_CLAIM, None),)),)


_DOT = (  # one grey pixel (GIF89a specification)
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x80\x80\x80\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
