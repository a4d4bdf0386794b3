import pytest

from headwater.formats.xmp import read_xmp

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def packet(inside, more=""):
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="kit"><rdf:RDF {RDF}><rdf:Description rdf:about="" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
        f'xmlns:e="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" {more}>{inside}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def found(data):
    return {entry.path: entry.value for entry in read_xmp(data).properties}


def test_simple_properties_as_attribute_and_element():
    assert found(packet("<dc:source>buoy</dc:source>", 'dc:format="image/jpeg"')) == {
        "x:xmptk": "kit",
        "dc:format": "image/jpeg",
        "dc:source": "buoy",
    }


def test_arrays_languages_and_structures():
    inside = (
        "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>light</rdf:li></rdf:Bag></dc:subject>"
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Tower</rdf:li></rdf:Alt></dc:title>'
        '<xmpMM:History><rdf:Seq><rdf:li e:action="saved"/>'
        '<rdf:li rdf:parseType="Resource"><e:action>cropped</e:action></rdf:li></rdf:Seq></xmpMM:History>'
        '<xmpMM:Ref rdf:resource="uuid:1"/><dc:relation><rdf:Bag/></dc:relation>'
    )
    assert found(packet(inside)) == {
        "x:xmptk": "kit",
        "dc:subject[1]": "sea",
        "dc:subject[2]": "light",
        "dc:title[@x-default]": "Tower",
        "xmpMM:History[1]/stEvt:action": "saved",
        "xmpMM:History[2]/stEvt:action": "cropped",
        "xmpMM:Ref": "uuid:1",
        "dc:relation": "",
    }


def test_prefixes_are_the_usual_ones_whatever_the_packet_calls_them():
    data = packet('<q:source xmlns:q="http://purl.org/dc/elements/1.1/">buoy</q:source>')
    assert found(data)["dc:source"] == "buoy"
    assert found(packet('<own:x xmlns:own="http://example.org/">1</own:x>'))["own:x"] == "1"


def test_a_packet_that_breaks_off_is_read_up_to_the_break():
    data = packet("<dc:source>buoy</dc:source><dc:creator>keeper</dc:creator>")
    read = read_xmp(data[: data.index(b"keeper")])
    assert {entry.path: entry.value for entry in read.properties}["dc:source"] == "buoy"
    assert read.problem.startswith("not well-formed")


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE a [<!ENTITY x "y">]>', '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a">', "<!DOCTYPE a>"],
)
def test_a_document_type_is_refused(doctype):
    read = read_xmp(doctype.encode() + packet("<dc:source>buoy</dc:source>"))
    assert read.problem.startswith("refused")
    assert read.properties == ()


def test_utf16_is_read():
    data = packet("<dc:source>båe</dc:source>").decode().encode("utf-16")
    assert found(data)["dc:source"] == "båe"


def test_deep_nesting_stops():
    read = read_xmp(packet("<dc:a>" * 20_000 + "</dc:a>" * 20_000))
    assert "levels deep" in read.problem


def test_old_rdf_without_prefixes():
    inside = '<rdf:Description about="uuid:1" xmlns:p="http://ns.adobe.com/pdf/1.3/" p:Producer="kit"/>'
    data = f"<rdf:RDF {RDF}>{inside}</rdf:RDF>"
    assert found(data.encode()) == {"rdf:about": "uuid:1", "pdf:Producer": "kit"}
