"""XMP (ISO 16684-1): an RDF/XML packet as a flat list of paths and values.

A path names properties by prefix: ``xmpMM:History[1]/stEvt:action``, ``dc:title[@x-default]``; the value of an
``rdf:resource`` is its text, and a qualifier stands behind its property: ``ex:price/?ex:currency``.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from headwater.formats.xmp_names import LANGUAGE, PREFIXES, RDF
from headwater.formats.xmp_parse import Tree, parse

_TOOLKITS = ("{adobe:ns:meta/}xmptk", "{adobe:ns:meta/}xaptk")
_OLD_RDF = frozenset(
    {"about", "resource", "parseType", "ID", "nodeID", "datatype"}
)  # written without a prefix before 2004
_ARRAYS = (f"{RDF}Bag", f"{RDF}Seq", f"{RDF}Alt")
_ITEM = f"{RDF}_"  # and a number: an item of an array as an attribute
_DEPTH_MAX = 32
_PROPERTIES_MAX = 20_000
_PATHS_LETTERS_MAX = 8 << 20  # of all paths together: they repeat the names of what is around a property


@dataclass(frozen=True, slots=True)
class Property:
    """One leaf of the packet: its path and its text as stored. cut: the packet breaks off inside it."""

    path: str
    value: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Xmp:
    """A packet, read. `problem` says why it could not be read to its end, or what was mended; empty where nothing."""

    properties: tuple[Property, ...]
    problem: str = ""


class _Reading:
    """The state of one reading."""

    __slots__ = ("about", "found", "letters", "open", "prefixes", "problem", "short")

    def __init__(self, tree: Tree) -> None:
        self.prefixes = tree.prefixes
        self.open = tree.open
        self.found: list[Property] = []
        self.problem = ""
        self.short: dict[str, str] = {}
        self.about: set[str] = set()
        self.letters = 0

    def name(self, qualified: str) -> str:
        known = self.short.get(qualified)
        if known is None:
            uri, _, local = qualified.rpartition("}")
            prefix = PREFIXES.get(uri[1:]) or self.prefixes.get(uri[1:], "")
            known = self.short[qualified] = f"{prefix}:{local}" if prefix else local
        return known

    def add(self, path: str, value: str) -> None:
        self._keep(Property(path, value))

    def text(self, path: str, element: Element, value: str) -> None:
        """Add the text of an element; where the packet breaks off inside it, what is there of it, if anything."""
        if id(element) not in self.open:
            self.add(path, value)
        elif value.strip():
            self._keep(Property(path, value, cut=True))

    def _keep(self, entry: Property) -> None:
        self.letters += len(entry.path)
        if len(self.found) >= _PROPERTIES_MAX:
            self.problem = f"more than {_PROPERTIES_MAX} properties: the rest was not read"
        elif self.letters > _PATHS_LETTERS_MAX:
            self.problem = f"paths of more than {_PATHS_LETTERS_MAX} letters: the rest was not read"
        else:
            self.found.append(entry)


def read_xmp(packet: bytes) -> Xmp:
    """Read a packet in UTF-8, UTF-16 or UTF-32. Never raises."""
    tree = parse(packet)
    reading = _Reading(tree)
    if tree.root is not None:
        _root(reading, tree.root)
    return Xmp(tuple(reading.found), "; ".join(filter(None, (tree.problem, reading.problem))))


def _root(reading: _Reading, root: Element) -> None:
    for toolkit in _TOOLKITS:
        if toolkit in root.attrib:
            reading.add("x:xmptk", root.attrib[toolkit])
    for rdf in [root] if root.tag == f"{RDF}RDF" else list(root.iter(f"{RDF}RDF"))[:16]:
        for description in rdf:
            _fields(reading, description, "", 0)
    if not reading.found and not root.tag.startswith(RDF):
        _fields(reading, root, "", 0)


def _fields(reading: _Reading, element: Element, base: str, depth: int) -> None:
    """Give a node with properties as attributes and as children."""
    for qualified, value in element.attrib.items():
        if _is_property(qualified):
            reading.add(f"{base}{reading.name(qualified)}", value)
        elif qualified in ("about", f"{RDF}about") and value and not base and value not in reading.about:
            reading.about.add(value)
            reading.add("rdf:about", value)
    for child in element:
        _property(reading, child, f"{base}{reading.name(child.tag)}", depth + 1)


def _is_property(qualified: str) -> bool:
    """Whether an attribute is a property of the node, and not part of RDF itself."""
    return (
        not qualified.startswith(RDF)
        and qualified != LANGUAGE
        and qualified not in _TOOLKITS
        and qualified not in _OLD_RDF
    )


def _property(reading: _Reading, element: Element, path: str, depth: int) -> None:
    if depth > _DEPTH_MAX:
        reading.problem = f"more than {_DEPTH_MAX} levels deep: not read further"
        return
    language = element.get(LANGUAGE)
    if language is not None and not path.endswith("]"):
        path = f"{path}[@{language}]"
    resource = element.get(f"{RDF}resource", element.get("resource"))
    children = list(element)
    if len(children) == 1 and children[0].tag in _ARRAYS:
        _items(reading, children[0], path, depth)
    elif resource is not None:
        reading.add(path, resource)
        _qualifiers(reading, element, path, depth)
    elif len(children) == 1 and children[0].tag == f"{RDF}Description":
        _node(reading, children[0], path, depth)
    elif children:
        _mixed(reading, element, path)
        _node(reading, element, path, depth)
    else:
        _leaf(reading, element, path, depth)


def _leaf(reading: _Reading, element: Element, path: str, depth: int) -> None:
    """Give an element without children: its text, with its attributes as qualifiers, or a structure of attributes."""
    text = element.text or ""
    if not any(map(_is_property, element.attrib)):
        reading.text(path, element, text)
    elif text.strip():
        reading.text(path, element, text)
        _qualifiers(reading, element, path, depth)
    else:
        _node(reading, element, path, depth)


def _mixed(reading: _Reading, element: Element, path: str) -> None:
    """Give text that stands between children, where RDF has no place for any."""
    text = " ".join(filter(None, [piece.strip() for piece in (element.text or "", *(c.tail or "" for c in element))]))
    if text:
        reading.text(path, element, text)


def _node(reading: _Reading, node: Element, path: str, depth: int) -> None:
    """Give a structure; one that holds rdf:value is that value with qualifiers."""
    attribute = node.get(f"{RDF}value")
    value = node.find(f"{RDF}value")
    if attribute is not None:
        reading.add(path, attribute)
    elif value is not None:
        reading.text(path, value, value.text or value.get(f"{RDF}resource") or "")
    else:
        _fields(reading, node, f"{path}/", depth)
        return
    _qualifiers(reading, node, path, depth)


def _qualifiers(reading: _Reading, node: Element, path: str, depth: int) -> None:
    for qualified, value in node.attrib.items():
        if _is_property(qualified):
            reading.add(f"{path}/?{reading.name(qualified)}", value)
    for child in node:
        if child.tag != f"{RDF}value":
            _property(reading, child, f"{path}/?{reading.name(child.tag)}", depth + 1)


def _items(reading: _Reading, array: Element, path: str, depth: int) -> None:
    attributes = [value for name, value in array.attrib.items() if name.startswith(_ITEM)]
    for index, value in enumerate(attributes, 1):
        reading.add(f"{path}[{index}]", value)
    if len(array) == 0 and not attributes:
        reading.text(path, array, "")
    for index, item in enumerate(array, len(attributes) + 1):
        language = item.get(LANGUAGE)
        _property(reading, item, f"{path}[@{language}]" if language else f"{path}[{index}]", depth + 1)
