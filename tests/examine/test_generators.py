"""Records in every carrier, read out of whole files; what is hidden in pixels; signatures; the three silences."""

import base64
import functools
import gzip
import io
import json
import struct
import zlib

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headwater.evidence.content import BytesSource
from headwater.examine import generators, generators_claims
from headwater.examine.generators import Generators
from headwater.examine.generators_examples import exif, text
from headwater.examine.metadata_examples import XMP, box, chunk, gif, jpeg, movie, png, riff, segment
from headwater.examine.view import View
from headwater.formats.generators.novelai_signature import verifies
from headwater.model.finding import State

LINE = "a lighthouse\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 8x8"
GRAPH = json.dumps({
    "1": {"class_type": "KSampler", "inputs": {"seed": 7, "latent_image": ["2", 0]}},
    "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 8, "height": 8}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
})  # fmt: skip
PACKET = XMP.replace(b"Lighthouse", b"%s")


def examined(data):
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    examiner = Generators()
    return list(examiner.examine(view)) if examiner.accepts(view) else []


def records(data):
    found = examined(data)
    for one in found:
        for span in one.spans:
            assert 0 <= span.offset_bytes <= span.offset_bytes + span.length_bytes <= len(data)
    return [json.loads(one.value) for one in found if one.claim == "generator.record" and one.state is State.FOUND]


def after_idat(*chunks):
    data = png()
    return data[:-12] + b"".join(chunks) + data[-12:]


def tiff_of_webp(*tags):
    return exif(*tags)[10:]


UTF16 = {order: b"UNICODE\0" + LINE.encode(f"utf-16-{order}") for order in ("be", "le")}
CARRIERS = {
    "PNG tEXt parameters": png(text("parameters", LINE)),
    "PNG zTXt parameters": png(chunk(b"zTXt", b"parameters\0\0" + zlib.compress(LINE.encode()))),
    "PNG iTXt parameters": png(chunk(b"iTXt", b"parameters\0\1\0\0\0" + zlib.compress(LINE.encode()))),
    "EXIF UserComment": jpeg(exif((0x9286, 7, UTF16["be"]))),
    "EXIF ImageDescription": jpeg(exif((0x010E, 2, LINE.encode() + b"\0"))),
    "JPEG COM": jpeg(segment(0xFE, LINE.encode())),
    "GIF comment": gif(b"!\xfe" + bytes([len(LINE)]) + LINE.encode() + b"\0"),
    "XMP xmp:CreatorTool": jpeg(
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PACKET % LINE.replace("\n", "&#10;").encode())
    ),
    "MP4 moov/udta prmt": movie(box(b"udta", box(b"prmt", b"\0\0\0\0" + LINE.encode()))),
    "trailer": png(trailing=LINE.encode()),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_carrier(carrier):
    assert [(one["carrier"], one["seed"], one["whole"]) for one in records(CARRIERS[carrier])] == [
        (carrier, "42", True)
    ]


def test_either_order_of_a_comment_and_a_chunk_behind_the_pixels_or_with_a_wrong_crc():
    wrong = text("parameters", LINE)
    for data in (
        jpeg(exif((0x9286, 7, UTF16["le"]))),
        after_idat(wrong),
        png(wrong[:-1] + b"\0"),
        after_idat(wrong[:-1] + b"\0"),
    ):
        assert [one["seed"] for one in records(data)] == ["42"]


def test_comfyui_in_make_and_model_of_a_webp():
    canvas = json.dumps({"nodes": [{"id": 1, "type": "KSampler"}], "links": []})
    tags = ((0x010F, 2, f"workflow:{canvas}\0".encode()), (0x0110, 2, f"prompt:{GRAPH}\0".encode()))
    data = riff((b"VP8X", bytes(10)), (b"EXIF", tiff_of_webp(*tags)))
    found = [(one.claim, json.loads(one.value)["carrier"]) for one in examined(data)]
    assert found == [
        ("generator.graph", "EXIF Make"), ("generator.record", "EXIF Model"), ("generator.graph", "EXIF Model"),
    ]  # fmt: skip


def test_two_records_in_one_file_are_both_read():
    both = png(text("prompt", GRAPH), text("parameters", LINE))
    assert sorted(one["generator"] for one in records(both)) == ["a1111", "comfyui"]


def test_prompts_have_a_claim_of_their_own():
    for data in CARRIERS.values():
        for one in examined(data):
            assert ("lighthouse" in one.value) == one.claim.endswith(".prompt")


def test_the_silences():
    nothing = examined(png(text("Title", "Steps up the tower: 20")))
    assert [(one.claim, one.state) for one in nothing] == [("generator.record", State.NOTHING)]
    broken = examined(png(text("prompt", GRAPH[:-5])))
    assert [(one.claim, one.state, one.value) for one in broken] == [
        ("generator.record", State.FAILED, '{"carrier":"PNG tEXt prompt","generator":"comfyui"}'),
    ]  # fmt: skip
    assert broken[0].reason.startswith("malformed: JSON")
    assert examined(b"no picture") == []


def test_a_text_that_the_end_of_the_file_cuts_is_no_whole_record():
    for data in (
        png(text("parameters", f"{LINE}, Model: coast")),
        jpeg(segment(0xFE, LINE.encode() + b", Model: coast")),
    ):
        end = data.index(b"Model: coast") + 9
        assert [(one["seed"], one["whole"], one["why"]) for one in records(data[:end])] == [
            ("42", False, "the end of the text is missing")
        ]


def test_no_words_have_no_digest():
    empty = records(png(text("parameters", LINE.partition("\n")[2])))
    assert "prompt_sha256" not in empty[0]


def test_limits_are_said(monkeypatch):
    monkeypatch.setattr(generators, "FINDINGS_MAX", 3)
    many = examined(png(*(text("parameters", LINE) for _ in range(5))))
    assert [one.state for one in many] == [*[State.FOUND] * 3, State.NOT_RUN]
    monkeypatch.setattr(generators, "FINDINGS_MAX", 300)
    monkeypatch.setattr(generators, "TEXTS_MAX", 2)
    assert examined(png(*(text("Title", "x") for _ in range(5))))[-1].state is State.NOT_RUN


# --- in the pixels


def with_bits(message, samples, height=160, width=40):
    """An RGBA picture with a message in the least bits of some samples, column by column."""
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256, rows * 0 + 255], 2).astype(np.uint8)
    turned = np.ascontiguousarray(pixels.transpose(1, 0, 2)[:, :, samples])
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    turned.reshape(-1)[: len(bits)] = turned.reshape(-1)[: len(bits)] & 254 | bits
    pixels[:, :, samples] = turned.transpose(1, 0, 2)
    return pixels


def saved(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def hidden(signature, body):
    body = gzip.compress(body) if signature.endswith(b"comp") else body
    return signature + struct.pack(">I", 8 * len(body)) + body


def test_texts_in_the_pixels_of_lossless_formats():
    alpha = with_bits(hidden(b"stealth_pngcomp", LINE.encode()), [3])
    colours = with_bits(hidden(b"stealth_rgbinfo", LINE.encode()), [0, 1, 2])
    found = {
        "png": (saved(alpha), "alpha LSB stealth_pngcomp"),
        "webp": (saved(alpha, "WEBP", lossless=True, exact=True), "alpha LSB stealth_pngcomp"),
        "rgb": (saved(np.ascontiguousarray(colours[:, :, :3])), "RGB LSB stealth_rgbinfo"),
        "bmp": (saved(np.ascontiguousarray(colours[:, :, :3]), "BMP"), "RGB LSB stealth_rgbinfo"),
        "low": (saved(with_bits(hidden(b"stealth_pnginfo", LINE.encode()), [3], 20, 200)), "alpha LSB stealth_pnginfo"),
    }
    for data, carrier in found.values():
        assert [(one["carrier"], one["seed"]) for one in records(data)] == [(carrier, "42")]


def test_lossy_pictures_and_plain_ones_are_not_decoded(monkeypatch):
    plain = with_bits(b"", [3])
    files = [saved(np.ascontiguousarray(plain[:, :, :3]), "JPEG"), saved(plain), saved(plain, "WEBP", quality=80)]
    monkeypatch.setattr(View, "picture", lambda self: pytest.fail("decoded"))
    assert [records(data) for data in files] == [[], [], []]


def test_a_text_in_the_pixels_that_cannot_be_read_is_said():
    data = saved(with_bits(b"stealth_pngcomp" + struct.pack(">I", 64) + b"no gzip!", [3]))
    found = examined(data)
    assert [(one.claim, one.state) for one in found] == [("generator.record", State.FAILED)]
    assert "text in the pixels" in found[0].reason


def test_of_a_million_members_in_the_pixels_some_are_looked_at_and_the_rest_is_said(monkeypatch):
    looked = []
    monkeypatch.setattr("headwater.examine.generators.READERS", [lambda texts: looked.append(len(texts)) or ()])
    many = json.dumps({f"k{number}": "Steps:" for number in range(9000)}).encode()
    found = examined(saved(with_bits(hidden(b"stealth_pnginfo", many), [3], 1200, 1200)))
    assert [(one.claim, one.state) for one in found] == [("generator.record", State.NOT_RUN)]
    assert "4000 texts" in found[0].reason
    assert looked == [4001]


# --- NovelAI's signature


KEY = Ed25519PrivateKey.generate()
COMMENT = {"prompt": "a lighthouse", "seed": 4, "steps": 28}


def signed(pixels, comment=COMMENT):
    signature = KEY.sign(pixels[:, :, :3].tobytes() + json.dumps(comment).encode())
    return json.dumps(comment | {"signed_hash": base64.b64encode(signature).decode()})


def signature_of(data):
    return [one["signature"] for one in records(data)]


def with_texts(data, comment):
    return data[:33] + text("Software", "NovelAI") + text("Comment", comment) + data[33:]


def test_a_signature_over_the_pixels(monkeypatch):
    public = KEY.public_key().public_bytes_raw()
    monkeypatch.setattr(generators_claims, "verifies", functools.partial(verifies, key=public))
    pixels = with_bits(b"", [3])
    whole = with_texts(saved(pixels), signed(pixels))
    assert signature_of(whole) == [{"key": "NovelAI", "kind": "ed25519", "verifies": True}]
    changed = pixels.copy()
    changed[0, 0, 0] ^= 1
    for data in (
        with_texts(saved(changed), signed(pixels)),
        with_texts(saved(pixels), signed(pixels).replace(": 28", ": 29")),
    ):
        assert [(one["verifies"], bool(one["why"])) for one in signature_of(data)] == [(False, True)]
    hidden_too = with_bits(
        hidden(b"stealth_pngcomp", json.dumps({"Software": "NovelAI", "Comment": signed(pixels)}).encode()), [3]
    )
    assert signature_of(saved(hidden_too)) == [{"key": "NovelAI", "kind": "ed25519", "verifies": True}]


def test_a_signature_by_another_key_or_over_a_broken_picture_does_not_verify():
    pixels = with_bits(b"", [3])
    assert [one["verifies"] for one in signature_of(with_texts(saved(pixels), signed(pixels)))] == [False]
    cut = with_texts(saved(pixels), signed(pixels))[:-100]
    assert "decoded" in signature_of(cut)[0]["why"]


@given(st.sampled_from(sorted(CARRIERS)), st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_flipped_and_cut_files_are_read_or_passed_over(carrier, at, byte, cut):
    data = bytearray(CARRIERS[carrier])
    data[at % len(data)] = byte
    examined(bytes(data[: at % len(data)] if cut else data))
