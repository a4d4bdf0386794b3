import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def entries(data):
    return [(entry.path, entry.value, entry.cut) for entry in read_xmp(data).properties if entry.path != "x:xmptk"]


@pytest.mark.parametrize(
    ("inside", "value", "what"),
    [
        (b"J\xfcrgen", "J\xfcrgen", "no UTF-8"),
        (b"A & B", "A & B", "ampersands"),
        (b"A&nbsp;B", "A&nbsp;B", "ampersands"),
        (b"A\x01B", "A\ufffdB", "not allow"),
        (b"A&#1;B", "A\ufffdB", "not allow"),
    ],
)
def test_one_wrong_character_costs_that_character(inside, value, what):
    data = packet("<dc:creator>@</dc:creator><dc:source>buoy</dc:source>").replace(b"@", inside)
    assert entries(data) == [("dc:creator", value, False), ("dc:source", "buoy", False)]
    problem = read_xmp(data).problem
    assert "not well-formed" in problem
    assert what in problem


def test_a_prefix_that_is_not_declared_is_taken_as_it_stands():
    data = packet("<lamp:colour>red</lamp:colour><dc:source lamp:id='1'>buoy</dc:source>")
    assert entries(data) == [
        ("lamp:colour", "red", False),
        ("dc:source", "buoy", False),
        ("dc:source/?lamp:id", "1", False),
    ]


@pytest.mark.parametrize("end", ["", "<dc:title>", "<dc:title>  ", "<dc:title", "<dc:title><rdf:Alt>"])
def test_what_a_packet_that_breaks_off_had_begun_is_not_an_empty_value(end):
    whole = packet("<dc:source>buoy</dc:source>@")
    assert entries(whole[: whole.index(b"@")] + end.encode()) == [("dc:source", "buoy", False)]


def test_a_value_that_breaks_off_is_marked_as_cut():
    whole = packet("<dc:source>buoy</dc:source><dc:title>half a val")
    assert entries(whole[: whole.index(b"val") + 3])[-1] == ("dc:title", "half a val", True)
    packed = packet("<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>coa")
    assert entries(packed[: packed.index(b"coa") + 3]) == [
        ("dc:subject[1]", "sea", False),
        ("dc:subject[2]", "coa", True),
    ]


def test_what_follows_a_whole_packet_changes_nothing():
    data = packet("<dc:source>A \u00e5 B</dc:source>") + bytes(20) + b"<?xpacket end='w'?>"
    assert entries(data) == [("dc:source", "A \u00e5 B", False)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wide_encodings(encoding, mark):
    text = mark + packet("<dc:source>fyrt\u00e5rn</dc:source>").decode()
    assert entries(text.encode(encoding)) == [("dc:source", "fyrt\u00e5rn", False)]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (
            '<dc:x rdf:parseType="Resource"><rdf:value>v</rdf:value><dc:q>r</dc:q></dc:x>',
            {"dc:x": "v", "dc:x/?dc:q": "r"},
        ),
        ('<dc:x><rdf:Description rdf:value="v" dc:q="r"/></dc:x>', {"dc:x": "v", "dc:x/?dc:q": "r"}),
        (
            '<dc:x><rdf:Description dc:q="r"><rdf:value>v</rdf:value></rdf:Description></dc:x>',
            {"dc:x": "v", "dc:x/?dc:q": "r"},
        ),
        ('<dc:x dc:q="r">v</dc:x>', {"dc:x": "v", "dc:x/?dc:q": "r"}),
        ('<dc:x rdf:resource="u" dc:q="r"/>', {"dc:x": "u", "dc:x/?dc:q": "r"}),
        ('<dc:x dc:q="r"/>', {"dc:x/dc:q": "r"}),
        ('<dc:x><rdf:Bag rdf:_1="a" rdf:_2="b"/></dc:x>', {"dc:x[1]": "a", "dc:x[2]": "b"}),
        ("<dc:x>before<dc:y>in</dc:y>after</dc:x>", {"dc:x": "before after", "dc:x/dc:y": "in"}),
    ],
)
def test_values_and_qualifiers_in_every_spelling(inside, expected):
    assert found(packet(inside)) == {"x:xmptk": "kit"} | expected


def test_long_paths_are_bounded_together():
    name = "a" * 45_000
    read = read_xmp(packet(f"<dc:{name} rdf:parseType='Resource'>" + "<dc:b/>" * 2000 + f"</dc:{name}>"))
    assert sum(len(entry.path) for entry in read.properties) <= 9 << 20
    assert "letters" in read.problem


def test_elements_are_bounded():
    assert "elements" in read_xmp(packet("<dc:b/>" * 300_000)).problem


@given(st.integers(0, 600), st.binary(max_size=4), st.integers(0, 700))
def test_any_damage_gives_texts_that_are_texts(at, value, end):
    data = bytearray(packet("<dc:subject><rdf:Bag><rdf:li>sea &amp; sky</rdf:li></rdf:Bag></dc:subject>"))
    data[at : at + len(value)] = value
    for path, text, _ in entries(bytes(data[:end])):
        (path + text).encode("utf-8")
