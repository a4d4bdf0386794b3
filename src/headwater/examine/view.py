"""What an examiner sees of one content: its bytes, read on demand; its structure and its picture, read once."""

from collections.abc import Callable, Mapping, Sequence

from headwater.evidence.reader import ByteSource
from headwater.examine.decode import Decoding, Picture, PictureHeader, read_header, read_picture
from headwater.examine.materials import Loaded
from headwater.formats.embedded import EmbeddedPictures, embedded_pictures
from headwater.formats.pieces import Read, read_pieces
from headwater.formats.readers import reader_for
from headwater.formats.signature import media_type as type_by_content
from headwater.formats.structure import Bytes, Source, Structure
from headwater.kernels.pdq import Pdq, dihedral
from headwater.model.errors import EvidenceError, LimitReached, Truncated

HEAD_BYTES = 64 << 10
DATA_LIMIT_BYTES = 256 << 20
_IN_MEMORY_BYTES = 16 << 20


class View:
    """One content, whatever container it lies in.

    sha256: 64 hexadecimal digits of the whole content. name: the raw bytes of the file's name in its container.
    media_type: by content; worked out from the head where it is not given. materials: what examiners were given to
    compare with, by kind. The same EvidenceError is raised each time a picture that cannot be decoded is asked for, and
    the decoder runs once. touch: called at each reading, for a content of many gigabytes takes long, and that is no
    hang.
    """

    __slots__ = (
        "_data",
        "_dihedral",
        "_embedded",
        "_head",
        "_header",
        "_picture",
        "_read",
        "_small",
        "_source",
        "_structure",
        "decoding",
        "materials",
        "media_type",
        "name",
        "sha256",
        "size_bytes",
        "touch",
    )

    def __init__(
        self,
        *,
        sha256: str,
        size_bytes: int,
        name: bytes,
        source: ByteSource,
        media_type: str = "",
        decoding: Decoding | None = None,
        materials: Mapping[str, Sequence[Loaded]] | None = None,
        touch: Callable[[], None] = lambda: None,
    ) -> None:
        self.sha256 = sha256
        self.size_bytes = size_bytes
        self.name = name
        self.decoding = decoding or Decoding()
        self._source = source
        self.touch = touch
        self._head: bytes | None = None
        self._data: bytes | None = None
        self._header: PictureHeader | EvidenceError | None = None
        self._picture: Picture | EvidenceError | None = None
        self._small: Source | None = None
        self._structure: Structure | None = None
        self._read: tuple[Read, ...] | None = None
        self._embedded: EmbeddedPictures | None = None
        self._dihedral: tuple[Pdq, ...] = ()
        self.materials = materials or {}
        self.media_type = media_type or type_by_content(self.head, size_bytes)

    @property
    def head(self) -> bytes:
        """The first 64 KiB, or all of a smaller content."""
        if self._head is None:
            self._head = self.read_at(0, min(HEAD_BYTES, self.size_bytes))
        return self._head

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end."""
        self.touch()
        return self._source.read_at(offset_bytes, length_bytes)

    def data(self) -> bytes:
        """The whole content. Raises LimitReached above 256 MiB, Truncated where the source holds less than it said."""
        if self.size_bytes > DATA_LIMIT_BYTES:
            raise LimitReached(f"{self.size_bytes} bytes are more than is read at once ({DATA_LIMIT_BYTES >> 20} MiB)")
        if self._data is None:
            data = self._source.read_at(0, self.size_bytes)
            if len(data) != self.size_bytes:
                raise Truncated(f"{len(data)} of {self.size_bytes} bytes could be read")
            self._data = data
        return self._data

    @property
    def bytes(self) -> Source:
        """The content, in memory where it is small; where it holds less than it said, what is there."""
        if self._small is None:
            self._small = self._source_for_readers()
        return self._small

    def _source_for_readers(self) -> Source:
        if self.size_bytes > _IN_MEMORY_BYTES:
            return self
        try:
            return Bytes(self.data())
        except Truncated:
            return Bytes(self.read_at(0, self.size_bytes))

    def structure(self) -> Structure | None:
        """What the format's reader says of the file, read once; None where no reader knows the format."""
        if self._structure is None and (read := reader_for(self.head, self.size_bytes)):
            self._structure = read(self.bytes)
        return self._structure

    def read(self) -> tuple[Read, ...]:
        """The pieces of metadata, parsed once: Exif, XMP, IPTC, Photoshop resources; empty where there are none."""
        if self._read is None:
            structure = self.structure()
            self._read = tuple(read_pieces(self.bytes, structure)) if structure else ()
        return self._read

    def embedded(self) -> EmbeddedPictures:
        """The pictures inside the content; none where no reader knows the format."""
        if self._embedded is None:
            structure = self.structure()
            found = embedded_pictures(self.bytes, structure, self.read()) if structure else None
            self._embedded = found or EmbeddedPictures(())
        return self._embedded

    def header(self) -> PictureHeader:
        """Size and mode of the picture, from its header. Raises EvidenceError."""
        if self._header is None:
            try:
                self._header = read_header(self.data(), self.media_type, self.decoding)
            except EvidenceError as fault:
                self._header = fault
        if isinstance(self._header, EvidenceError):
            raise self._header
        return self._header

    def picture(self) -> Picture:
        """The decoded picture. Raises EvidenceError."""
        if self._picture is None:
            try:
                self._picture = read_picture(self.data(), self.media_type, self.decoding)
            except EvidenceError as fault:
                self._picture = fault
        if isinstance(self._picture, EvidenceError):
            raise self._picture
        return self._picture

    def dihedral(self) -> tuple[Pdq, ...]:
        """PDQ of the picture and of its seven turns and mirrors. Raises EvidenceError."""
        if not self._dihedral:
            self._dihedral = dihedral(self.picture())
        return self._dihedral
