"""XMP (ISO 16684-1): an RDF/XML packet as a flat list of paths and values.

A packet with a document type is refused, so no entity is ever expanded; one that breaks off is read up to the break.
A path names properties by prefix: ``xmpMM:History[1]/stEvt:action``, ``dc:title[@x-default]``; the value of an
``rdf:resource`` is its text.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_TOOLKITS = ("{adobe:ns:meta/}xmptk", "{adobe:ns:meta/}xaptk")
_OLD_RDF = frozenset(
    {"about", "resource", "parseType", "ID", "nodeID", "datatype"}
)  # written without a prefix before 2004
_DEPTH_MAX = 32
_PROPERTIES_MAX = 20_000
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/bj/": "xmpBJ",
    "http://ns.adobe.com/xap/1.0/t/pg/": "xmpTPg",
    "http://ns.adobe.com/xmp/1.0/DynamicMedia/": "xmpDM",
    "http://ns.adobe.com/xap/1.0/g/": "xmpG",
    "http://ns.adobe.com/xap/1.0/g/img/": "xmpGImg",
    "http://ns.adobe.com/xap/1.0/sType/ResourceRef#": "stRef",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions#": "stDim",
    "http://ns.adobe.com/xap/1.0/sType/Font#": "stFnt",
    "http://ns.adobe.com/xap/1.0/sType/Version#": "stVer",
    "http://ns.adobe.com/xmp/sType/Area#": "stArea",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://purl.org/dc/terms/": "dcterms",
    "http://ns.google.com/photos/1.0/image/": "GImage",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://www.gimp.org/xmp/": "GIMP",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.apple.com/faceinfo/1.0/": "apple-fi",
    "adobe:ns:meta/": "x",
    _RDF[1:-1]: "rdf",
    "http://www.w3.org/XML/1998/namespace": "xml",
}


@dataclass(frozen=True, slots=True)
class Property:
    """One leaf of the packet: its path and its text as stored."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Xmp:
    """A packet, read. `problem` says why it could not be read to its end; empty where it could."""

    properties: tuple[Property, ...]
    problem: str = ""


class _Builder(TreeBuilder):
    """Keeps the tree reachable when the text breaks off, and the prefixes the packet itself uses."""

    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self.prefixes: dict[str, str] = {}

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        element = super().start(tag, attrs)
        if self.root is None:
            self.root = element
        return element

    def start_ns(self, prefix: str | None, uri: str | None) -> None:
        self.prefixes.setdefault(uri or "", prefix or "")


class _Reading:
    """The state of one reading."""

    __slots__ = ("about", "found", "prefixes", "problem", "short")

    def __init__(self, prefixes: dict[str, str]) -> None:
        self.prefixes = prefixes
        self.found: list[Property] = []
        self.problem = ""
        self.short: dict[str, str] = {}
        self.about: set[str] = set()

    def name(self, qualified: str) -> str:
        known = self.short.get(qualified)
        if known is None:
            uri, _, local = qualified.rpartition("}")
            prefix = _PREFIXES.get(uri[1:]) or self.prefixes.get(uri[1:], "")
            known = self.short[qualified] = f"{prefix}:{local}" if prefix else local
        return known

    def add(self, path: str, value: str) -> None:
        if len(self.found) < _PROPERTIES_MAX:
            self.found.append(Property(path, value))
        else:
            self.problem = f"more than {_PROPERTIES_MAX} properties: the rest was not read"


def read_xmp(packet: bytes) -> Xmp:
    """Read a packet in UTF-8, UTF-16 or UTF-32. Never raises."""
    builder = _Builder()
    problem = ""
    try:
        parser = DefusedXMLParser(target=builder, forbid_dtd=True)
        parser.feed(_document(packet))
        parser.close()
    except ParseError as error:
        problem = f"not well-formed: {error}"
    except DefusedXmlException as error:
        problem = f"refused: {type(error).__name__}"
    except (LookupError, ValueError, AssertionError) as error:
        problem = f"not readable as XML: {type(error).__name__}"
    reading = _Reading(builder.prefixes)
    if builder.root is not None:
        _root(reading, builder.root)
    return Xmp(tuple(reading.found), problem or reading.problem)


def _document(packet: bytes) -> bytes:
    """Give the packet without its padding. A packet's own wrapper is no part of the XML that matters."""
    for encoding, mark in (("utf-16-be", b"\0<"), ("utf-16-le", b"<\0")):
        if packet[:4].lstrip(b"\xfe\xff").startswith(mark):
            packet = packet[: len(packet) // 2 * 2].decode(encoding, "replace").encode("utf-8")
    packet = packet.rstrip(b" \t\r\n\0")
    start = packet.find(b"<")
    return packet[max(start, 0) :]


def _root(reading: _Reading, root: Element) -> None:
    for toolkit in _TOOLKITS:
        if toolkit in root.attrib:
            reading.add("x:xmptk", root.attrib[toolkit])
    for rdf in [root] if root.tag == f"{_RDF}RDF" else list(root.iter(f"{_RDF}RDF"))[:16]:
        for description in rdf:
            _fields(reading, description, "", 0)
    if not reading.found and not root.tag.startswith(_RDF):
        _fields(reading, root, "", 0)


def _fields(reading: _Reading, element: Element, base: str, depth: int) -> None:
    """Give a node with properties as attributes and as children."""
    for qualified, value in element.attrib.items():
        if _is_property(qualified):
            reading.add(f"{base}{reading.name(qualified)}", value)
        elif qualified in ("about", f"{_RDF}about") and value and not base and value not in reading.about:
            reading.about.add(value)
            reading.add("rdf:about", value)
    for child in element:
        _property(reading, child, f"{base}{reading.name(child.tag)}", depth + 1)


def _is_property(qualified: str) -> bool:
    """Whether an attribute is a property of the node, and not part of RDF itself."""
    return (
        not qualified.startswith(_RDF)
        and qualified != _LANGUAGE
        and qualified not in _TOOLKITS
        and qualified not in _OLD_RDF
    )


def _property(reading: _Reading, element: Element, path: str, depth: int) -> None:
    if depth > _DEPTH_MAX:
        reading.problem = f"more than {_DEPTH_MAX} levels deep: not read further"
        return
    language = element.get(_LANGUAGE)
    if language is not None and not path.endswith("]"):
        path = f"{path}[@{language}]"
    resource = element.get(f"{_RDF}resource", element.get("resource"))
    children = list(element)
    if len(children) == 1 and children[0].tag in (f"{_RDF}Bag", f"{_RDF}Seq", f"{_RDF}Alt"):
        _items(reading, children[0], path, depth)
    elif resource is not None:
        reading.add(path, resource)
    elif len(children) == 1 and children[0].tag == f"{_RDF}Description":
        _node(reading, children[0], path, depth)
    elif children or any(map(_is_property, element.attrib)):
        _fields(reading, element, f"{path}/", depth)
    else:
        reading.add(path, element.text or "")


def _node(reading: _Reading, description: Element, path: str, depth: int) -> None:
    """Give a structure; one that holds rdf:value is that value with qualifiers."""
    value = description.find(f"{_RDF}value")
    if value is not None:
        reading.add(path, value.text or value.get(f"{_RDF}resource") or "")
        for child in description:
            if child is not value:
                _property(reading, child, f"{path}/?{reading.name(child.tag)}", depth + 1)
        return
    _fields(reading, description, f"{path}/", depth)


def _items(reading: _Reading, array: Element, path: str, depth: int) -> None:
    if len(array) == 0:
        reading.add(path, "")
    for index, item in enumerate(array, 1):
        language = item.get(_LANGUAGE)
        _property(reading, item, f"{path}[@{language}]" if language else f"{path}[{index}]", depth + 1)
