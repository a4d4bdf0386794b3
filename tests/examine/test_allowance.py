"""However much a hostile file makes an examiner say, one content adds a bounded part."""

import struct
import zlib
from hashlib import sha256

import pytest

from headwater.evidence.content import BytesSource
from headwater.examine.allowance import CONTENT_BYTES_MAX, FINDING_BYTES_MAX
from headwater.examine.loaded import chosen
from headwater.examine.messages import Result, pack_result
from headwater.examine.metadata_examples import chunk, png
from headwater.examine.run import examine_view
from headwater.examine.view import View
from headwater.model.finding import Method, Seen, State

METHOD = Method(examiner="lamp", version="1", code_digest="c", settings_digest="s")


class Lamp:
    name = "lamp"
    version = "1"
    claims = ("lamp.lit",)

    def __init__(self, *seen):
        self.seen = seen

    def accepts(self, view):
        return True

    def examine(self, view):
        yield from self.seen

    def examples(self):
        return ()


def view(data):
    return View(sha256=sha256(data).hexdigest(), size_bytes=len(data), name=b"x", source=BytesSource(data=data))


def examined(*examiners):
    return [one.seen for one in examine_view(view(b"x"), examiners, skipped={}, announce=lambda stage: None)[0]]


def test_a_finding_too_long_is_counted_and_the_rest_kept():
    long, short = Seen(claim="lamp.lit", value="x" * (FINDING_BYTES_MAX + 1)), Seen(claim="lamp.lit", value="red")
    kept, limit = examined((Lamp(long, short), METHOD))
    assert kept == short
    assert (limit.claim, limit.state, limit.value) == ("lamp", State.NOT_RUN, "1 by their size")


def test_all_examiners_of_a_content_share_its_allowance():
    many = [Seen(claim="lamp.lit", value=f"{number}" * 2000) for number in range(10_000, 11_000)]
    found = examined((Lamp(*many), METHOD), (Lamp(*many), METHOD))
    kept = [seen for seen in found if seen.state is State.FOUND]
    assert sum(len(seen.value) for seen in kept) <= CONTENT_BYTES_MAX
    assert sum(len(seen.value) for seen in kept) > CONTENT_BYTES_MAX - FINDING_BYTES_MAX
    assert found[-1].value == "1000 by their size"


def test_what_is_said_twice_in_the_same_words_is_one_finding():
    seen = Seen(claim="lamp.lit", value="red")
    assert examined((Lamp(seen, seen), METHOD)) == [seen]


def long_paths():
    """Some hundred bytes of PNG whose XMP names two thousand properties by a path of 45,000 letters each."""
    name = b"a" * 45_000
    head = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    head += b'<rdf:Description xmlns:ex="http://example.org/ex/">'
    body = b"<ex:" + name + b" rdf:parseType='Resource'>" + b"".join(b"<ex:b%d/>" % n for n in range(2000))
    packet = head + body + b"</ex:" + name + b"></rdf:Description></rdf:RDF></x:xmpmeta>"
    return png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet)))


def shared_values():
    """A TIFF of a thousand texts that all lie on the same 16,300 control characters."""
    count = 1000
    entries = b"".join(struct.pack("<HHII", 0x4000 + n, 2, 16_300, 8 + 2 + 12 * count + 4) for n in range(count))
    return b"II*\0" + struct.pack("<IH", 8, count) + entries + bytes(4) + b"\1" * 16_300


@pytest.mark.parametrize(
    "data",
    [
        png(chunk(b"tEXt", b"\1" * 2_000_000)),
        png(chunk(b"tEXt", b"\1" * 2_000_000 + b"\0")),
        long_paths(),
        shared_values(),
    ],
    ids=["no keyword", "long keyword", "long paths", "shared values"],
)
def test_a_hostile_file_gives_a_part_that_stays_small(data):
    found, faults = examine_view(view(data), chosen(("metadata",), ""), skipped={}, announce=lambda stage: None)
    assert faults == []
    assert max(len(one.seen.value.encode()) for one in found) <= FINDING_BYTES_MAX
    assert len(pack_result(Result("i", "", None, None, tuple(found), ()))) < 2 * CONTENT_BYTES_MAX
