"""How much one content may add to the findings: whatever a hostile file makes an examiner say, a part stays small."""

from collections.abc import Iterable, Iterator

from headwater.examine.examiner import Looker
from headwater.model.finding import Seen, State

FINDING_BYTES_MAX = 128 << 10
CONTENT_BYTES_MAX = 8 << 20
_SPAN_BYTES = 192  # two numbers, a digest and what they are


class Allowance:
    """The bytes left for the findings of one content, over all its examiners."""

    def __init__(self) -> None:
        self._left = CONTENT_BYTES_MAX

    def spend(self, examiner: Looker, seen: Iterable[Seen]) -> Iterator[Seen]:
        """Pass on what fits; say last how many findings did not."""
        more = 0
        for each in seen:
            size = _size_bytes(each)
            if size > FINDING_BYTES_MAX or size > self._left:
                more += 1
                continue
            self._left -= size
            yield each
        if more:
            most = f"{FINDING_BYTES_MAX >> 10} KiB of one finding, {CONTENT_BYTES_MAX >> 20} MiB of all of one content"
            reason = f"{most} are recorded; {more} findings were not"
            claim = "limit" if "limit" in examiner.claims else examiner.name
            yield Seen(claim=claim, value=f"{more} by their size", state=State.NOT_RUN, reason=reason)


def _size_bytes(seen: Seen) -> int:
    """About what a finding takes as JSON."""
    value = seen.value
    text = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    return text + len(seen.reason) + _SPAN_BYTES * len(seen.spans)
