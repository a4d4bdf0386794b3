"""What a file declares of its own origin."""

import json

import pytest

from headwater.examine.declared import Declared
from headwater.examine.declared_examples import samsung_trailer, with_packet
from headwater.examine.metadata_examples import chunk, jpeg, png, segment
from headwater.formats.source_types import BASE
from headwater.model.finding import State


@pytest.fixture
def said(view_of):
    """Everything found in some bytes as (claim, value)."""

    def found(data):
        seen = Declared().examine(view_of(data))
        return [(each.claim, json.loads(each.value)) for each in seen if each.state is State.FOUND]

    return found


def test_every_spelling_of_the_property_is_read(said):
    for inside in (
        f"<Iptc4xmpExt:DigitalSourceType>{BASE}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>",
        f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{BASE}trainedAlgorithmicMedia"/>',
        (
            "<Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li>trainedAlgorithmicMedia</rdf:li></rdf:Bag>"
            "</Iptc4xmpExt:DigitalSourceType>"
        ),
        f"<Iptc4xmpExt:DigitalSourceFileType>{BASE}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceFileType>",
    ):
        ((claim, value),) = said(with_packet(inside))
        assert (claim, value["term"]) == ("declared.source_type", "trainedAlgorithmicMedia")


def test_what_is_said_of_a_region_is_not_said_of_the_whole(said):
    region = (
        '<Iptc4xmpExt:ImageRegion><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:DigitalSourceType>'
        f"{BASE}screenCapture</Iptc4xmpExt:DigitalSourceType></rdf:li></rdf:Bag></Iptc4xmpExt:ImageRegion>"
    )
    ((claim, value),) = said(with_packet(region))
    assert (claim, value["part_term"], "term" in value) == ("declared.source_type", "screenCapture", False)


def test_a_screen_capture_is_a_source_type_and_a_screen(said):
    found = said(with_packet("<Iptc4xmpExt:DigitalSourceType>screenCapture</Iptc4xmpExt:DigitalSourceType>"))
    assert [claim for claim, _ in found] == ["declared.screen", "declared.source_type"]


def test_the_writer_of_a_prompt_stands_with_the_prompt(said):
    inside = (
        "<Iptc4xmpExt:AISystemVersionUsed>2</Iptc4xmpExt:AISystemVersionUsed>"
        "<Iptc4xmpExt:AIPromptWriterName>A. Keeper</Iptc4xmpExt:AIPromptWriterName>"
    )
    assert said(with_packet(inside)) == [
        (
            "declared.ai_fields",
            {"carrier": "XMP APP1", "fields": ["AIPromptWriterName", "AISystemVersionUsed"], "system_version": "2"},
        ),
        ("declared.prompt", {"carrier": "XMP APP1", "writer": "A. Keeper"}),
    ]


def test_a_label_in_a_comment_and_as_a_structure(said):
    text = b'{"Label":"2","ContentProducer":"keepers"}'
    ((_, value),) = said(jpeg(segment(0xFE, text)))
    assert value == {"carrier": "comment COM", "label": "2", "producer": "keepers"}
    inside = (
        '<TC260:AIGC rdf:parseType="Resource"><TC260:Label>1</TC260:Label>'
        "<TC260:ContentProducer>keepers</TC260:ContentProducer></TC260:AIGC>"
    )
    ((_, value),) = said(with_packet(inside))
    assert value == {"carrier": "XMP APP1 TC260:AIGC", "label": "1", "producer": "keepers"}


def test_a_label_that_cannot_be_read_is_failed_and_not_silent(view_of):
    (seen,) = Declared().examine(view_of(png(chunk(b"tEXt", b"AIGC\0{Label"))))
    assert (seen.claim, seen.state, seen.reason.partition(":")[0]) == ("declared.tc260", State.FAILED, "malformed")


def test_a_trailer_of_a_plain_photograph_declares_nothing(said):
    trailer = samsung_trailer(Image_UTC_Data=b"1700000000000", PhotoEditor_Re_Edit_Data=b'{"genAIType":0}')
    assert said(jpeg(trailing=trailer)) == []


def test_words_about_generators_in_a_description_declare_nothing(said):
    assert said(with_packet("<photoshop:Credit>A talk on what is made with Google AI</photoshop:Credit>")) == []
    assert said(png(chunk(b"tEXt", b"Comment\0trainedAlgorithmicMedia"))) == []


def test_the_span_covers_the_packet_relied_on(view_of):
    data = with_packet("<exif:UserComment>Screenshot</exif:UserComment>")
    (seen,) = Declared().examine(view_of(data))
    (span,) = seen.spans
    assert data[span.offset_bytes :][: span.length_bytes].startswith(b"<x:xmpmeta")


def test_the_silences_are_kept_apart(view_of):
    whole, cut = png(), jpeg(segment(0xE0, b"JFIF\0"))[:-8]
    assert [(each.claim, each.state) for each in Declared().examine(view_of(whole))] == [("declared", State.NOTHING)]
    (seen,) = Declared().examine(view_of(cut))
    assert seen.state in {State.NOTHING, State.NOT_RUN}
    broken = png(chunk(b"zTXt", b"Comment\0\0broken"))
    (seen,) = Declared().examine(view_of(broken))
    assert (seen.state, seen.reason) == (State.NOT_RUN, "damage may have taken label of an origin away")
