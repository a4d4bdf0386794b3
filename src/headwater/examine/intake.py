"""Reads one item once, from its first byte to its last: digests it, and holds it for the examiners.

MD5 of what is held in memory is taken of many items together: see `headwater.kernels.md5_lanes`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from headwater.evidence.content import BytesSource
from headwater.evidence.reader import ByteSource, Content
from headwater.evidence.spool import Spool
from headwater.examine.digests import Digester
from headwater.examine.messages import Contents
from headwater.formats.signature import extension_agrees, media_type
from headwater.kernels.md5_lanes import md5_of_each
from headwater.model.errors import EvidenceError

BLOCK_BYTES = 1 << 20
HELD_BYTES = 16 << 20  # an item up to this size is held in memory
HEAD_BYTES = 65_536


@dataclass(slots=True, kw_only=True)
class Held:
    """An item that was read: its digests, and its bytes where they may be looked at again.

    contents.md5 is empty until `add_md5`, where the bytes are in memory. source is None for a compressed stream too
    large to hold. The spool, if any, is closed by `release`.
    """

    contents: Contents
    source: ByteSource | None
    fault: EvidenceError | None = None  # why an archive member ended early, or is not what its checksum says
    memory_bytes: int = 0
    spool: Spool | None = None

    @property
    def elsewhere(self) -> bool:
        """Whether the bytes are not in memory: such an item is examined at once, alone."""
        return not isinstance(self.source, BytesSource)

    def release(self) -> None:
        """Give back what was held."""
        if self.spool:
            self.spool.close()


def read_in(content: Content, name: bytes, *, spool_bytes: int, touch: Callable[[], None]) -> Held:
    """Read `content` to its end. `touch` is called while it goes on. Raises EvidenceError."""
    digester = Digester()
    blocks = [content.read(BLOCK_BYTES)]
    head = blocks[0][:HEAD_BYTES]
    digester.update(blocks[0])
    size = len(blocks[0])
    while size <= HELD_BYTES and (block := content.read(BLOCK_BYTES)):
        blocks.append(block)
        digester.update(block)
        size += len(block)
        touch()
    if size <= HELD_BYTES:
        contents = _contents(digester, head, name, size, content)
        data = BytesSource(data=b"".join(blocks))
        return Held(contents=contents, source=data, fault=content.fault, memory_bytes=size)
    return _read_large(content, name, digester, blocks, spool_bytes=spool_bytes, touch=touch)


def add_md5(batch: Sequence[Held]) -> None:
    """Take the MD5 of what is held in memory, all at once. Raises HeadwaterError where arithmetic is not sound."""
    waiting = [(each, each.source.data) for each in batch if isinstance(each.source, BytesSource)]
    for (each, _), found in zip(waiting, md5_of_each([data for _, data in waiting]), strict=True):
        each.contents = replace(each.contents, md5=found)


def _read_large(
    content: Content,
    name: bytes,
    digester: Digester,
    blocks: list[bytes],
    *,
    spool_bytes: int,
    touch: Callable[[], None],
) -> Held:
    direct = content.source()
    spool = Spool(spool_bytes) if direct is None else None
    head, size = blocks[0][:HEAD_BYTES], 0
    digester.begin_md5(blocks)
    for block in blocks:
        size += len(block)
        if spool:
            spool.write(block)
    while block := content.read(BLOCK_BYTES):
        digester.update(block)
        size += len(block)
        touch()
        if spool:
            spool.write(block)
    contents = _contents(digester, head, name, size, content)
    if spool and spool.over:
        spool.close()
        return Held(contents=contents, source=None, fault=content.fault)
    return Held(contents=contents, source=direct or spool, fault=content.fault, spool=spool)


def _contents(digester: Digester, head: bytes, name: bytes, size: int, content: Content) -> Contents:
    kind = media_type(head, size)
    agrees = extension_agrees(name, kind)
    digests = digester.digests()
    return Contents(
        sha256=digests.sha256,
        md5=digests.md5,
        sha1=digests.sha1,
        bytes_read=size,
        media_type=kind,
        extension_disagrees=None if agrees is None else not agrees,
        damaged=tuple(content.damaged()),
    )
