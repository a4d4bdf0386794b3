"""The pictures inside a picture as a Reader: listed and opened like the members of an archive, never stored."""

from collections.abc import Iterator, Sequence

from headwater.evidence.content import BytesSource, SourceContent
from headwater.evidence.reader import ByteSource, Content
from headwater.evidence.window import Window
from headwater.formats.embedded import Embedded
from headwater.model.errors import Malformed
from headwater.model.item import Allocation, Entry, ItemKind
from headwater.model.locator import Layer, Locator


class EmbeddedReader:
    """A Reader of `pictures` of one file.

    The name of each is its carrier, its address where it begins in the file; one that was compressed or spelled
    otherwise has the address of what it came from, and all of one address and name are numbered.
    """

    kind = "embedded"

    def __init__(self, source: ByteSource, pictures: Sequence[Embedded], allocation: Allocation) -> None:
        self._source = source
        self._allocation = allocation
        self._layers: dict[Layer, Embedded] = {}
        for each in pictures:
            layer = self._layer(each)
            self._layers[layer] = each

    def _layer(self, picture: Embedded) -> Layer:
        where = (picture.ranges or picture.sources)[:1]
        address = str(where[0].offset_bytes) if where else ""
        name = picture.carrier.encode("utf-8", "surrogatepass")
        layer, again = Layer(kind=self.kind, name=name, address=address), 1
        while layer in self._layers:
            again += 1
            layer = Layer(kind=self.kind, name=name, address=f"{address}.{again}")
        return layer

    def entries(self) -> Iterator[Entry]:
        """Every picture once, in the order given. The state of allocation is that of the file it lies in."""
        for layer, picture in self._layers.items():
            yield Entry(
                locator=Locator(layers=(layer,)),
                kind=ItemKind.EMBEDDED,
                size_bytes=picture.length_bytes,
                allocation=self._allocation,
                note=picture.role,
            )

    def open(self, entry: Entry) -> Content:
        """Open one picture. Raises Malformed for one that was not listed."""
        picture = self._layers.get(entry.locator.layers[-1])
        if picture is None:
            raise Malformed(f"no such picture: {entry.locator}")
        if len(picture.ranges) == 1:
            where = picture.ranges[0]
            return SourceContent(Window(self._source, where.offset_bytes, where.length_bytes))
        return SourceContent(BytesSource(picture.read(self._source)))
