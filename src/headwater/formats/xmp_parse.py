"""The XML of an XMP packet as a tree: whole, mended, or as far as it goes.

A packet with a document type is refused, so no entity is ever expanded. One that is not well-formed is read once more
with what writers get wrong put right: bytes that are no UTF-8, characters XML does not allow, a bare ampersand, a
prefix that was never declared. One that breaks off gives the tree up to there, and which elements were still open.
"""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from headwater.formats.charset import utf8_or_latin

_ELEMENTS_MAX = 200_000
_FORMS = (  # of the first letter, "<", behind an optional mark
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"<\0", "utf-16-le"),
)
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BAD_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[1-24-9]|2\d|3[01])|x0*(?:[0-8bcBC]|[eE]|1[0-9a-fA-F]));")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]{0,63}):[\w.-]+(?=[\s=/>])")
_DECLARED = re.compile(r"xmlns:([\w.-]{1,64})\s*=")
_FIRST_TAG = re.compile(r"<[A-Za-z_][^\s/>]*")
_RESERVED = frozenset({"xml", "xmlns"})


class TooManyElementsError(ValueError):
    """A packet of more elements than are held at once. Never leaves this module."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What could be read. problem: why not all, or what had to be mended; empty where the packet is well-formed.

    open: the elements that had no end, by `id`.
    """

    root: Element | None
    prefixes: dict[str, str] = field(default_factory=dict)
    open: frozenset[int] = frozenset()
    problem: str = ""


class _Builder(TreeBuilder):
    """Keeps the tree reachable when the text breaks off, the elements open then, and the prefixes of the packet."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self.prefixes: dict[str, str] = {}
        self.open: list[Element] = []
        self.count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        element = super().start(tag, attrs)
        self.count += 1
        if self.count > _ELEMENTS_MAX:
            raise TooManyElementsError(f"more than {_ELEMENTS_MAX} elements")
        if self.root is None:
            self.root = element
        self.open.append(element)
        return element

    def end(self, tag: str, /) -> Element:
        self.open.pop()
        return super().end(tag)

    def start_ns(self, prefix: str | None, uri: str | None) -> None:
        self.prefixes.setdefault(uri or "", prefix or "")

    def tree(self, problem: str) -> Tree:
        """The tree as it stands; the text read of the innermost element so far becomes its own."""
        still = frozenset(id(element) for element in self.open)
        if self.open:
            super().end(self.open[-1].tag)
        return Tree(self.root, self.prefixes, still, problem)


def parse(packet: bytes) -> Tree:
    """Read a packet in UTF-8, UTF-16 or UTF-32. Never raises."""
    document = _document(packet)
    tree, broken, count = _attempt(document)
    ended = tree.root is not None and not tree.open
    if not broken or ended:  # what follows the end of the packet is none of it
        return tree
    text, mended = _mended(document)
    if not mended:
        return tree
    again, broken, more = _attempt(text)
    if more < count:
        return tree
    how = f"{tree.problem}; read with {', '.join(mended)}"
    return Tree(again.root, again.prefixes, again.open, f"{how}; {again.problem}" if broken else how)


def _attempt(document: bytes | str) -> tuple[Tree, bool, int]:
    """The tree, whether the document is not well-formed, and how many elements were met."""
    builder = _Builder()
    problem, broken = "", False
    try:
        parser = DefusedXMLParser(target=builder, forbid_dtd=True)
        parser.feed(document)
        parser.close()
    except ParseError as error:
        problem, broken = f"not well-formed: {error}", True
    except DefusedXmlException as error:
        problem = f"refused: {type(error).__name__}"
    except TooManyElementsError as error:
        problem = str(error)
    except (LookupError, ValueError, AssertionError) as error:
        problem, broken = f"not readable as XML: {type(error).__name__}", True
    return builder.tree(problem), broken, builder.count


def _document(packet: bytes) -> bytes | str:
    """Give the packet without its padding, as text where it is in another form than UTF-8."""
    for mark, encoding in _FORMS:
        if packet.startswith(mark):
            packet_text = packet.decode(encoding, "replace").rstrip(" \t\r\n\0")
            return packet_text[max(packet_text.find("<"), 0) :]
    packet = packet.rstrip(b" \t\r\n\0")
    return packet[max(packet.find(b"<"), 0) :]


def _mended(document: bytes | str) -> tuple[str, list[str]]:
    """The document with its usual faults put right, and which there were."""
    done = []
    if isinstance(document, bytes):
        text, whole = utf8_or_latin(document)
        if not whole:
            done.append("bytes that are no UTF-8 taken as Latin-1")
    else:
        text = document
    for pattern, instead, what in (
        (_NOT_XML, "\ufffd", "characters that XML does not allow replaced"),
        (_BAD_REFERENCE, "\ufffd", "references to characters that XML does not allow replaced"),
        (_BARE_AMPERSAND, "&amp;", "bare ampersands taken as such"),
    ):
        text, times = pattern.subn(instead, text)
        if times:
            done.append(what)
    text, undeclared = _declared(text)
    if undeclared:
        done.append("prefixes that are not declared")
    return text, done


def _declared(text: str) -> tuple[str, bool]:
    """Declare the prefixes that are used and never declared, on the first element, as their own names."""
    missing = sorted(set(_PREFIX.findall(text)) - set(_DECLARED.findall(text)) - _RESERVED)[:64]
    first = _FIRST_TAG.search(text)
    if not missing or first is None:
        return text, False
    names = "".join(f' xmlns:{prefix}="{prefix}"' for prefix in missing)
    return text[: first.end()] + names + text[first.end() :], True
