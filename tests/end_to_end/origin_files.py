"""Files made by code for every row of the decision table: drawn shores, walls under a sensor, and what is written in.

`made` gives each file of two exhibits; `EXPECTED` what must be said of it: rule, grade, strength, and g e c k f.
"""

import gzip
import struct
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from headwater.demo import pictures
from headwater.demo.body import Body, Model
from headwater.demo.camera import as_written
from headwater.demo.camera_exif import Shot, exif_of
from headwater.demo.exif_writer import build_exif
from headwater.demo.generators.a1111 import a1111_parameters, user_comment
from headwater.demo.generators.comfy import comfy_text
from headwater.demo.generators.draft import Draft
from headwater.demo.generators.draft import Model as Weights
from headwater.demo.generators.fooocus import fooocus_log, fooocus_text
from headwater.demo.generators.online import novelai_text, xmp_packet
from headwater.demo.safetensors_writer import build_safetensors, named_model, small_tensors
from headwater.examine.declared_examples import packet, samsung_trailer
from headwater.formats.source_types import BASE

KITE = Model(
    make="ACME", model="ACME P5", software="1", width=640, height=512, table_scale=0.1, f_number=(18, 10),
    focal_length=(430, 100), phone=True,
)  # fmt: skip
BODY = Body(key=(1, 1), model=KITE, serial="P1", strength=0.008, noise=2.0)
OTHER = Body(key=(2, 1), model=KITE, serial="P2", strength=0.008, noise=2.0)
SIZE = (KITE.height, KITE.width)
REFERENCES = 10
GENERATED, COMPOSITE = "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"
CREATED = {"action": "c2pa.created", "digitalSourceType": f"{BASE}{GENERATED}"}
CAPTURED = {"action": "c2pa.created", "digitalSourceType": f"{BASE}digitalCapture"}
OPENED = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["part0"]}}
FILLED = {"action": "c2pa.edited", "digitalSourceType": f"{BASE}{COMPOSITE}"}
ABSENT = Weights(name="absent", sha256="5a" * 32, autov3="5b" * 32)
DRAFT = Draft(
    prompt="a lighthouse", negative="fog", seed=7, steps=20, cfg=7, width=640, height=512, checkpoint=ABSENT
)  # fmt: skip
FROM_A_PICTURE = replace(DRAFT, denoise=0.5)
WEIGHTS = build_safetensors(small_tensors((5,), {"a": (64, 64)}), {})
SEIZED = named_model("coast", WEIGHTS)
SCREEN = packet("<exif:UserComment>Screenshot</exif:UserComment>")

# path: rule, grade, strength, the numbers g e c k f
EXPECTED = {
    # T1, T2
    "stripped.png": "T2 undetermined  00000",
    "notes on size 1024.png": "T2 undetermined  00000",
    "screen.jpg": "T2 undetermined  00110",
    "phone screen.jpg": "T2 undetermined  00110",
    "screen of a generator.jpg": "T4 generated declared 20110",
    "near what was signed.jpg": "T2 undetermined  00210",
    "other thumbnail.jpg": "T2 undetermined  00000",
    # T3
    "DCIM/wall 0.jpg": "T3 camera declared 00200",
    "named.jpg": "T3 camera consistent 00100",
    "captured.png": "T3 camera verified 00400",
    "pattern.png": "T3 camera corroborated 00300",
    "captured, then changed.jpg": "T3 camera declared 00200",
    "captured by nobody known.png": "T3 camera declared 00200",
    # T4
    "created.png": "T4 generated verified 40000",
    "created by nobody known.png": "T4 generated declared 20000",
    "filled.png": "T4 edited verified 04000",
    "filled, and generated before.png": "T4 generated verified 40000",
    "digest.png": "T4 generated corroborated 30000",
    "short hash.png": "T4 generated declared 20000",
    "a1111.png": "T4 generated declared 20000",
    "novelai.png": "T4 generated declared 20000",
    "logged here.png": "T4 generated declared 20000",
    "logged elsewhere.png": "T4 generated corroborated 30000",
    "ComfyUI_00001_.png": "T4 generated consistent 10000",
    "composed.jpg": "T4 edited declared 02000",
    "begun from the harbour.png": "T4 edited declared 02000",
    "begun from a likeness.png": "T4 edited corroborated 03000",
    "begun from what was drawn.png": "T4 generated declared 20000",
    # T5
    "begun from something.png": "T5 undetermined  22000",
    "begun from something, digest.png": "T5 undetermined  33000",
    "two labels, named.jpg": "T5 undetermined  22100",
    # T6
    "composed, camera.jpg": "T6 edited declared 02200",
    "composed, named.jpg": "T6 edited declared 02100",
    "begun, camera.jpg": "T6 edited declared 02200",
    "begun, pattern.png": "T6 edited declared 02300",
    "filled, camera.jpg": "T6 edited verified 04200",
    "filled by nobody known, camera.jpg": "T6 edited declared 02200",
    # T9
    "captured with a text.png": "T9 camera verified 20400",
    "ComfyUI/output/camera.jpg": "T9 camera declared 10200",
    # T10
    "text, named.jpg": "T10 generated declared 20100",
    "created, camera.jpg": "T10 generated verified 40200",
    # T11
    "text, camera.jpg": "T11 undetermined  20200",
    "text, pattern.png": "T11 undetermined  20300",
    "created, pattern.png": "T11 undetermined  40300",
    "two labels, camera.jpg": "T11 undetermined  22200",
    "ComfyUI/output/named.jpg": "T11 undetermined  10100",
    # T12
    "text, broken fields.png": "T12 undetermined  20001",
    "text, broken pixels.png": "T12 undetermined  20001",
    "camera, broken label.jpg": "T12 undetermined  00201",
    "text, cut.png": "T4 generated declared 20000",  # what is cut away could speak for its own side only
    # texts in the least bits of pixels
    "stealth_pnginfo.png": "T4 generated declared 20000",
    "stealth_pngcomp.png": "T4 generated declared 20000",
    "stealth_rgbinfo.png": "T4 generated declared 20000",
    "stealth_rgbcomp.png": "T4 generated declared 20000",
}


def shore(seed, shape=(192, 256)):
    """A drawn shore, RGB; another seed, another shore. Full of edges, so that its fingerprint is a good one."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]] / shape[0]
    ridge = 0.5 + 0.15 * np.sin(x * rng.uniform(4, 11) + rng.uniform(0, 6)) + 0.1 * np.sin(x * rng.uniform(15, 30))
    plane = np.where(y < ridge, 225 - 90 * y, 70 + 40 * np.sin(x * rng.uniform(20, 60) + y * rng.uniform(10, 50)))
    for _ in range(6):
        left, top, side = rng.uniform(0, 1.1), rng.uniform(0.1, 0.8), rng.uniform(0.08, 0.2)
        plane[(abs(x - left) < side) & (abs(y - top) < side)] = rng.uniform(20, 230)
    plane += rng.normal(0, 2, plane.shape)
    return np.stack([plane * 0.9, plane, plane * 0.8 + 20], axis=-1).clip(0, 255).astype(np.uint8)


def wall(body, number):
    """An evenly lit wall as a body's sensor sees it, RGB."""
    rng = np.random.default_rng((body.key[0], number))
    x = np.mgrid[: SIZE[0], : SIZE[1]][1]
    grey = (130 + 20 * np.sin(x / 150 + number)) * (1 + body.pattern()) + rng.standard_normal(SIZE) * 2
    return np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def _shot(number):
    return Shot(taken=datetime(2026, 5, 1, 12, number % 60, tzinfo=UTC), number=number)


def camera(seed, number, *, text="", xmp=b"", preview=None):
    """A JPEG of a shore as BODY's model writes it, with more in it where asked; the sensor is not BODY's."""
    pixels = shore(seed, SIZE)
    small = shore(preview, SIZE) if preview else pixels
    thumbnail = pictures.encode_jpeg(pictures.resize(small, *KITE.thumbnail), quality=70, jfif=False)
    exif = exif_of(OTHER, _shot(number), thumbnail, more={0x9286: user_comment(text)} if text else None)
    return pictures.encode_jpeg(pixels, tables=KITE.tables, exif=exif, xmp=xmp, jfif=False)


def named(seed, *, text="", xmp=b""):
    """A JPEG whose fields name a make and a model, and nothing more of a camera."""
    inside = {0x9286: user_comment(text)} if text else {}
    return pictures.encode_jpeg(shore(seed), exif=build_exif({0x010F: KITE.make, 0x0110: "P9"}, inside), xmp=xmp)


def _hidden(seed, signature, text):
    """A PNG with a text in the least bits of its alpha or its colours, column by column, as the tools do."""
    body = gzip.compress(text.encode()) if signature.endswith(b"comp") else text.encode()
    bits = np.unpackbits(np.frombuffer(signature + struct.pack(">I", 8 * len(body)) + body, np.uint8))
    samples = [3] if b"png" in signature else [0, 1, 2]
    colours = shore(seed)
    pixels = np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])
    turned = np.ascontiguousarray(pixels.transpose(1, 0, 2)[:, :, samples])
    flat = turned.reshape(-1)
    flat[: len(bits)] = flat[: len(bits)] & 254 | bits
    pixels[:, :, samples] = turned.transpose(1, 0, 2)
    return pictures.encode_png(pixels)


def _text(seed, draft, shape=(192, 256)):
    """A PNG with A1111's text."""
    return pictures.encode_png(shore(seed, shape), {"parameters": a1111_parameters(draft)})


def _without_pixels(png):
    """The same chunks, with noise where the first pixels stood."""
    at = png.index(b"IDAT") + 4
    return png[:at] + bytes(range(64)) + png[at + 64 :]


def made(authority, another):
    """{exhibit: {path: bytes}}. authority: whom the operation's list knows; another: whom it does not."""
    return {
        "R-1": _plain() | _begun() | _cameras() | _signed(authority, another) | _conflicts(authority),
        "R-2": {
            "models/coast.safetensors": WEIGHTS,
            "outputs/log.html": fooocus_log("2026-05-01", [("logged elsewhere.png", replace(DRAFT, seed=12))]).encode(),
        },
    }


def _plain():
    text = a1111_parameters(DRAFT)
    log = fooocus_log("2026-05-01", [("logged here.png", replace(DRAFT, seed=11))])
    whole = _text(47, DRAFT, SIZE)
    short = replace(DRAFT, checkpoint=Weights(name="x", sha256=SEIZED.sha256[:8]))
    kinds = (b"stealth_pnginfo", b"stealth_pngcomp", b"stealth_rgbinfo", b"stealth_rgbcomp")
    return {
        "stripped.png": pictures.encode_png(shore(40)),
        "notes on size 1024.png": pictures.encode_png(shore(41, (1024, 1024))),
        "a1111.png": _text(42, DRAFT),
        "digest.png": _text(43, replace(DRAFT, checkpoint=SEIZED)),
        "short hash.png": _text(44, short),
        "novelai.png": pictures.encode_png(shore(45), novelai_text(DRAFT)),
        "ComfyUI_00001_.png": pictures.encode_png(shore(46)),
        "text, cut.png": whole[: len(whole) // 2],
        "text, broken fields.png": pictures.encode_png(shore(39), {"parameters": text}, exif=b"II*\0\x08\0\0\0\xff"),
        "text, broken pixels.png": _without_pixels(whole),
        "logged here.png": pictures.encode_png(shore(48), fooocus_text(replace(DRAFT, seed=11))),
        "logged elsewhere.png": pictures.encode_png(shore(49), fooocus_text(replace(DRAFT, seed=12))),
        "log.html": log.encode(),
        "composed.jpg": pictures.encode_jpeg(shore(50), xmp=xmp_packet(COMPOSITE, "Beacon")),
    } | {f"{kind.decode()}.png": _hidden(51 + place, kind, text) for place, kind in enumerate(kinds)}


def _begun():
    """What tells of an input picture: not found, found and a camera's, found and itself drawn."""
    likeness = replace(FROM_A_PICTURE, checkpoint=SEIZED)

    def comfy(seed, source):
        draft = replace(FROM_A_PICTURE, source=source)
        return pictures.encode_png(shore(seed), comfy_text(draft))

    return {
        "input/harbour.jpg": camera(60, 60),
        "input/drawn.png": pictures.encode_png(shore(61), comfy_text(DRAFT)),
        "likeness.jpg": camera(62, 62),
        "begun from the harbour.png": comfy(63, "harbour.jpg"),
        "begun from what was drawn.png": comfy(64, "drawn.png"),
        "begun from something.png": comfy(65, "gone.png"),
        "begun from something, digest.png": _text(66, likeness),
        "begun from a likeness.png": _text(62, likeness, SIZE),
    }


def _cameras():
    walls = {f"DCIM/wall {n}.jpg": as_written(BODY, wall(BODY, n), _shot(n)) for n in range(REFERENCES + 1)}
    text, begun = a1111_parameters(DRAFT), a1111_parameters(FROM_A_PICTURE)
    composed = xmp_packet(COMPOSITE, "Beacon")
    return walls | {
        "pattern.png": pictures.encode_png(wall(BODY, 30)),
        "text, pattern.png": pictures.encode_png(wall(BODY, 31), {"parameters": text}),
        "begun, pattern.png": pictures.encode_png(wall(BODY, 32), {"parameters": begun}),
        "named.jpg": named(70),
        "screen.jpg": named(71, xmp=SCREEN),
        "phone screen.jpg": named(81) + samsung_trailer(Samsung_Capture_Info=b"Screenshot"),
        "screen of a generator.jpg": named(82, text=text, xmp=SCREEN),
        "camera, broken label.jpg": camera(72, 72, xmp=packet("<TC260:AIGC>no label</TC260:AIGC>")),
        "other thumbnail.jpg": camera(73, 73, preview=74),
        "near what was signed.jpg": camera(90, 75),
        "composed, camera.jpg": camera(76, 76, xmp=composed),
        "composed, named.jpg": named(77, xmp=composed),
        "begun, camera.jpg": camera(78, 78, text=begun),
        "ComfyUI/output/camera.jpg": camera(79, 79),
        "ComfyUI/output/named.jpg": named(80),
    }


def _signed(authority, another):
    captured = authority.sign(pictures.encode_png(shore(91)), CAPTURED)
    drawn = authority.sign(pictures.encode_png(shore(92)), CREATED)
    begun_with = {"ingredients": [("parentOf", captured)]}
    jpeg = {"media_type": "image/jpeg"}
    photograph = [("parentOf", authority.sign(camera(96, 96), CAPTURED, **jpeg))]
    changed = bytearray(authority.sign(camera(97, 97), CAPTURED, **jpeg))
    changed[-24] ^= 1
    return {
        "created.png": authority.sign(pictures.encode_png(shore(90, SIZE)), CREATED),
        "created by nobody known.png": another.sign(pictures.encode_png(shore(93)), CREATED),
        "captured.png": captured,
        "captured by nobody known.png": another.sign(pictures.encode_png(shore(94)), CAPTURED),
        "captured, then changed.jpg": bytes(changed),
        "filled.png": authority.sign(pictures.encode_png(shore(95)), OPENED, FILLED, **begun_with),
        "filled, and generated before.png": authority.sign(
            pictures.encode_png(shore(98)), OPENED, FILLED, ingredients=[("parentOf", drawn)]
        ),
        "filled, camera.jpg": authority.sign(camera(96, 99), OPENED, FILLED, ingredients=photograph, **jpeg),
        "filled by nobody known, camera.jpg": another.sign(
            camera(100, 100), OPENED, FILLED, ingredients=photograph, **jpeg
        ),
    }


def _conflicts(authority):
    text = a1111_parameters(DRAFT)
    composed = xmp_packet(COMPOSITE, "Beacon")
    return {
        "text, camera.jpg": camera(110, 110, text=text),
        "text, named.jpg": named(111, text=text),
        "two labels, camera.jpg": camera(112, 112, text=text, xmp=composed),
        "two labels, named.jpg": named(113, text=text, xmp=composed),
        "captured with a text.png": authority.sign(_text(114, DRAFT), CAPTURED),
        "created, camera.jpg": authority.sign(camera(115, 115), CREATED, media_type="image/jpeg"),
        "created, pattern.png": authority.sign(pictures.encode_png(wall(BODY, 33)), CREATED),
    }
