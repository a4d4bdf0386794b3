"""What the broker and its workers say to each other: msgpack arrays, typed, never pickled.

A worker is jailed and may be lying, so the broker decodes strictly and checks every item against the unit it gave out.
"""

from typing import Annotated, Literal

import msgspec

from headwater.evidence.reader import Limits
from headwater.model.errors import Malformed
from headwater.model.finding import Seen, Span
from headwater.model.item import ByteRange, Entry, Refusal
from headwater.model.locator import Locator
from headwater.model.material import Material

_MOST = (1 << 63) - 1  # of any count or offset: what a column of the tables holds
Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Side = Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]  # of a picture, in pixels
Size = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Base of all messages."""


# broker -> worker


class SegmentName(msgspec.Struct, frozen=True, array_like=True):
    """One segment of a source; its descriptor travels with the message, in the same order."""

    name: str
    size_bytes: int


class Attach(Message, frozen=True):
    """The first message: its descriptor is the shared memory of the progress mark."""


class Materials(Message, frozen=True):
    """What examiners compare with, from now on. Descriptors: one each, in the same order."""

    materials: tuple[Material, ...]


class Segments(Message, frozen=True):
    """Some segments of the source to be opened next, in order. Descriptors: one each."""

    segments: tuple[SegmentName, ...]


class Open(Message, frozen=True):
    """Open the source that the Segments since the last Open make up; a folder has none, its files come one by one.

    An earlier source is closed: a worker has one at a time.
    """

    name: str
    limits: Limits


class ListEntries(Message, frozen=True):
    """List every entry of the opened source. Answered by Listed..., Done."""


class Skip(msgspec.Struct, frozen=True, array_like=True):
    """A stage of one item that killed a worker before: not tried again."""

    item: str
    stage: str
    kind: str
    message: str


class Work(Message, frozen=True):
    """Examine entries number start to start + count of an opened source. Answered by Ask and Results, then Done."""

    start: int
    count: int
    skips: tuple[Skip, ...]
    settings: "WorkSettings"


class WorkSettings(msgspec.Struct, frozen=True, array_like=True):
    """What a worker must know of the settings."""

    exhibit: str
    source: str
    limits: Limits
    examiners: tuple[str, ...]
    settings_digest: str
    max_pixels: int
    excerpt_bytes: int = 0  # of the beginning of each span, to be shown to a person; none where it is not asked for


class WorkFiles(Message, frozen=True):
    """Examine files of a folder: one descriptor each, in order. Answered like Work."""

    entries: tuple[Entry, ...]
    skips: tuple[Skip, ...]
    settings: WorkSettings


class Answer(Message, frozen=True):
    """For each digest of the Ask: whether to examine that content."""

    examine: tuple[bool, ...]


class Verify(Message, frozen=True):
    """Read the opened source once from end to end, check it and digest it. Answered by Progress..., Verified, Done."""


class Rehash(Message, frozen=True):
    """SHA-256 of the descriptors sent along, whole. Answered by Rehashed."""

    count: int


class Enrol(Message, frozen=True):
    """From now on look at these contents as pictures of one camera, of one size: to score, add or check them.

    Answered by Done. What is examined then is answered as usual, with the claims of enrolment.py.
    """

    stage: Literal["score", "add", "check"]
    height: Side
    width: Side
    digests: tuple[Sha256, ...]


class WritePattern(Message, frozen=True):
    """Write what was learned into the shared memory sent along. Answered by Learned, then Done.

    make, model, serial: of the references, as found before.
    """

    make: str
    model: str
    serial: str
    threshold: int
    references: tuple[Sha256, ...]
    room_bytes: int


# worker -> broker


class Opened(Message, frozen=True):
    """The source is open; `shape` is JSON for the report."""

    shape: str


class Refused(Message, frozen=True):
    """The request could not be carried out."""

    kind: str
    message: str


class Listed(Message, frozen=True):
    """A batch of what the source holds."""

    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]


class Ask(Message, frozen=True):
    """Ask which of these contents (SHA-256) have not been examined in this operation yet."""

    digests: tuple[Sha256, ...]


class Contents(msgspec.Struct, frozen=True, array_like=True):
    """What was read of one item."""

    sha256: Sha256
    md5: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    sha1: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}$")]
    bytes_read: Size
    media_type: Annotated[str, msgspec.Meta(pattern="^[a-z]+/[A-Za-z0-9.+-]+$")]
    extension_disagrees: bool | None
    damaged: tuple[ByteRange, ...]


class Found(msgspec.Struct, frozen=True, array_like=True):
    """One finding, ready for its row. excerpts: the beginning of each span, where asked for; never sealed."""

    finding: Sha256
    examiner: str
    seen: Seen
    excerpts: tuple[bytes, ...] = ()


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """One failure of an item."""

    examiner: str
    kind: str
    message: str


class Result(msgspec.Struct, frozen=True, array_like=True):
    """All that one item gave."""

    item: str
    parent_item: str
    entry: Entry | None  # of an item found inside another; None for those the broker already knows
    contents: Contents | None
    found: tuple[Found, ...]
    faults: tuple[Fault, ...]


class Results(Message, frozen=True):
    """What several items gave, in the order they were met: small files would drown in messages of their own."""

    results: tuple[Result, ...]


class PackedResults(Message, frozen=True, tag="Results"):
    """The same message of results that are packed already, so that their size is known before it is sent."""

    results: tuple[msgspec.Raw, ...]


class InnerRefusal(Message, frozen=True):
    """Something inside an archive inside the source that could not be listed or read."""

    parent_item: str
    refusal: Refusal


class Walking(Message, frozen=True):
    """What an item holds is being listed and examined from now on."""

    item: str


class Walked(Message, frozen=True):
    """What an item holds was listed to its end, or what ended it was said."""

    item: str


class Progress(Message, frozen=True):
    """Bytes done by a long request."""

    bytes_done: Size


class Verified(Message, frozen=True):
    """The source report as JSON."""

    report: str


class Rehashed(Message, frozen=True):
    """SHA-256 of each descriptor, in order."""

    digests: tuple[Sha256, ...]


class Learned(Message, frozen=True):
    """The pattern is written: how many bytes, and its likeness to any reference's edges."""

    size_bytes: Size
    likeness: float


class Done(Message, frozen=True):
    """The request is finished."""


ToWorker = (
    Attach
    | Materials
    | Segments
    | Open
    | ListEntries
    | Work
    | WorkFiles
    | Answer
    | Verify
    | Rehash
    | Enrol
    | WritePattern
)
ToBroker = (
    Opened
    | Refused
    | Listed
    | Ask
    | Results
    | InnerRefusal
    | Walking
    | Walked
    | Progress
    | Verified
    | Rehashed
    | Learned
    | Done
)

_encode = msgspec.msgpack.Encoder().encode
_to_worker = msgspec.msgpack.Decoder(ToWorker)
_to_broker = msgspec.msgpack.Decoder(ToBroker)


def pack(message: Message) -> bytes:
    """Bytes of one message."""
    return _encode(message)


def pack_result(result: Result) -> msgspec.Raw:
    """One result, for a PackedResults."""
    return msgspec.Raw(_encode(result))


def unpack_for_worker(payload: bytes) -> ToWorker:
    """Read a message of the broker's."""
    message: ToWorker = _to_worker.decode(payload)
    return message


def unpack_for_broker(payload: bytes) -> ToBroker:
    """Read a message of a worker's, strictly. Raises msgspec.MsgspecError or Malformed where it is not one."""
    message: ToBroker = _to_broker.decode(payload)
    match message:
        case Listed():
            for entry in message.entries:
                _check_entry(entry)
        case Results():
            for result in message.results:
                _check_result(result)
        case InnerRefusal():
            _check_locator(message.refusal.locator)
        case _:
            pass
    return message


def _check_result(result: Result) -> None:
    if result.entry:
        _check_entry(result.entry)
    spans: list[ByteRange | Span] = [*(result.contents.damaged if result.contents else ())]
    spans += [span for found in result.found for span in found.seen.spans]
    for span in spans:
        if not (0 <= span.offset_bytes <= _MOST and 0 <= span.length_bytes <= _MOST):
            raise Malformed("a range of bytes that no file has")
    if any(found.excerpts and len(found.excerpts) != len(found.seen.spans) for found in result.found):
        raise Malformed("excerpts that are not those of the spans")


def _check_entry(entry: Entry) -> None:
    if entry.size_bytes is not None and not 0 <= entry.size_bytes <= _MOST:
        raise Malformed("a size that no file has")
    _check_locator(entry.locator)


def _check_locator(locator: Locator) -> None:
    if not locator.layers or not all(layer.kind for layer in locator.layers):
        raise Malformed("a locator without a layer")
