"""Where a thing lies: a chain of layers, from the seized source down to the bytes."""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, quote_from_bytes, unquote, unquote_to_bytes

from headwater.model.errors import WrongUse
from headwater.model.visible import visible

_SAFE = "/ .-_~()[]{}+,=;!#$&'^`"  # printable ASCII that needs no percent sign inside a layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One step of a Locator.

    kind: what is opened here (folder, zip, tar, gzip, e01, raw, mbr, gpt, ntfs, fat, ext ...).
    name: the raw bytes of the path, partition or member inside it, exactly as stored.
    address: what tells two things of the same name apart (inode, MFT entry, member index); else empty.
    """

    kind: str
    name: bytes = b""
    address: str = ""

    def __str__(self) -> str:
        """The reversible spelling: ``kind:percent-encoded-name@address``."""
        spelled = f"{_word(self.kind)}:{quote_from_bytes(self.name, safe=_SAFE)}"
        return f"{spelled}@{_word(self.address)}" if self.address else spelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """A chain of layers, comparable and hashable. Its text is ASCII and can be read back without loss."""

    layers: tuple[Layer, ...]

    def __str__(self) -> str:
        return "|".join(str(layer) for layer in self.layers)

    def inside(self, layer: Layer) -> "Locator":
        """The locator one layer further in."""
        return Locator(layers=(*self.layers, layer))

    @property
    def raw_path(self) -> bytes:
        """The names of all layers that are paths, joined by ``/``: what an examiner calls the path."""
        return b"/".join(layer.name.strip(b"/") for layer in self.layers if layer.name.strip(b"/"))

    @property
    def path(self) -> str:
        """`raw_path` as shown to a person."""
        return visible(self.raw_path)


def parse_locator(text: str) -> Locator:
    """Read a locator back from its text. Raises WrongUse where it is not one."""
    locator = Locator(layers=tuple(_parse_layer(part) for part in text.split("|"))) if text.isascii() else None
    if locator is None or str(locator) != text:
        raise _not_a_locator(text)
    return locator


def _parse_layer(text: str) -> Layer:
    kind, colon, rest = text.partition(":")
    if not colon or not kind:
        raise _not_a_locator(text)
    name, _, address = rest.partition("@")
    try:
        return Layer(
            kind=unquote(kind, errors="surrogatepass"),
            name=unquote_to_bytes(name),
            address=unquote(address, errors="surrogatepass"),
        )
    except UnicodeDecodeError as error:
        raise _not_a_locator(text) from error


def _word(text: str) -> str:
    """A kind or an address, spelled so that it cannot be read as anything else."""
    return quote(text, safe=_SAFE, errors="surrogatepass")


def _not_a_locator(text: str) -> WrongUse:
    return WrongUse(f"not a locator: {visible(text)}", next_step="Copy it from the locator column of items.")


def item_id(exhibit: str, source: str, locator: Locator | str) -> str:
    """The name of one occurrence: 32 hexadecimal digits, the same on every machine and in every run.

    locator: itself, or its text where that is at hand.
    """
    key = "\0".join((exhibit, source, str(locator)))
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
