"""Benign records made by code, in the layouts of their generators, and what must be found in them."""

import json
import struct

from headwater.examine.examiner import Example
from headwater.examine.metadata_examples import box, chunk, gif, jpeg, movie, png, segment

_SETTINGS = (
    "a lighthouse <lora:dusk:0.8>\nNegative prompt: fog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, "
    'Size: 512x768, Model hash: 6ce0161689, Model: v1-5, Lora hashes: "dusk: 0123456789ab", Version: v1.10.1'
)
_GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["1", 1]}},
    "3": {"class_type": "LoadImage", "inputs": {"image": "coast.png"}, "is_changed": ["ab" * 32]},
    "4": {"class_type": "VAEEncode", "inputs": {"pixels": ["3", 0], "vae": ["1", 2]}},
    "5": {
        "class_type": "KSampler",
        "inputs": {"seed": 7, "steps": 20, "cfg": 8.0, "denoise": 0.5, "model": ["1", 0], "positive": ["2", 0],
                   "latent_image": ["4", 0], "sampler_name": "euler"},
    },
    "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
    "7": {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["6", 0]}},
}  # fmt: skip
_CANVAS = {"nodes": [{"id": 1, "type": "LoadImage"}], "links": [], "version": 0.4}
_INVOKE = {
    "app_version": "4.2.7", "generation_mode": "txt2img", "positive_prompt": "a lighthouse", "seed": 1, "steps": 30,
    "model": {"name": "sd", "hash": "blake3:00ff", "base": "sd-1", "type": "main"},
}  # fmt: skip
_FOOOCUS = {
    "base_model": "sdxl", "base_model_hash": "aeb7e9e689", "seed": "3", "steps": 30, "resolution": "(1152, 896)",
    "prompt": "a lighthouse", "loras": [["dusk", 0.5, "0123456789"]], "version": "Fooocus v2.5.0",
}  # fmt: skip
_SWARM = {"sui_image_params": {"prompt": "a lighthouse", "model": "sdxl", "seed": 1, "swarm_version": "0.9.6.2"}}
_EASY = {"prompt": "a lighthouse", "seed": 5, "use_stable_diffusion_model": "sd-v1-5", "num_inference_steps": 25}
_DRAW = '{"c":"a lighthouse","model":"sd.ckpt","seed":9,"size":"512x512","steps":8,"strength":0.5}'
_DRAW_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/">'
    "<xmp:CreatorTool>Draw Things</xmp:CreatorTool><exif:UserComment><rdf:Alt>"
    f'<rdf:li xml:lang="x-default">{_DRAW}</rdf:li></rdf:Alt></exif:UserComment></rdf:Description></rdf:RDF>'
    "</x:xmpmeta>"
)
_UUID = "4800156b-8880-4786-9056-7ca3da449d8c"


def text(keyword: str, value: object) -> bytes:
    """One tEXt chunk; anything but a text as JSON."""
    body = value if isinstance(value, str) else json.dumps(value)
    return chunk(b"tEXt", f"{keyword}\0{body}".encode())


def exif(*tags: tuple[int, int, bytes]) -> bytes:
    """An APP1 segment with one directory of tags (number, type, bytes longer than four), ascending."""
    table, data = b"", b""
    start = 10 + 12 * len(tags) + 4
    for number, kind, body in tags:
        table += struct.pack(">HHII", number, kind, len(body), start + len(data))
        data += body
    return segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(tags)) + table + bytes(4) + data)


def _says(claim: str) -> tuple[tuple[str, str | None], ...]:
    return ((claim, None),)


_A1111_RECORD = (
    '{"carrier":"PNG tEXt parameters","cfg":7.0,"generator":"a1111","height":768,"input_use":"none",'
    '"inputs":[],"loras":[{"hash":"0123456789ab","hash_kind":"autov3","name":"dusk","weight":0.8}],'
    '"models":[{"hash":"6ce0161689","hash_kind":"autov2","name":"v1-5"}],'
    '"negative_sha256":"b04216546057e8659fecdec71043ffe7e3220178fa3df37650d6fdbb631dcda8",'
    '"prompt_sha256":"2d65872246ad7c544f9081e32cceb6eda48817e835e102930b1c5c2b14528a7d",'
    '"sampler":"Euler a","seed":"42","steps":20,"told_by":"name","version":"v1.10.1","whole":true,'
    '"width":512}'
)
_A1111_PROMPT = (
    '{"carrier":"PNG tEXt parameters","generator":"a1111","negative":"fog","prompt":"a lighthouse <lora:dusk:0.8>"}'
)
_BOTH = (("generator.record", None), ("generator.prompt", None))
EXAMPLES = (
    Example(
        name="a1111 in png",
        data=png(text("parameters", _SETTINGS)),
        expected=(
            ("generator.record", _A1111_RECORD),
            ("generator.prompt", _A1111_PROMPT),
        ),
    ),
    Example(
        name="sdnext in exif",
        data=jpeg(exif((0x9286, 7, b"UNICODE\0" + f"{_SETTINGS}, App: SD.Next".encode("utf-16-be")))),
        expected=_BOTH,
    ),
    Example(
        name="comfyui graph and canvas",
        data=png(text("prompt", _GRAPH), text("workflow", _CANVAS)),
        expected=(*_BOTH, *_says("generator.graph")),
    ),
    Example(
        name="comfyui canvas in a film",
        data=movie(box(b"udta", box(b"wflo", b"\0\0\0\0" + json.dumps(_CANVAS).encode()))),
        expected=_says("generator.graph"),
    ),
    Example(name="invokeai", data=png(text("invokeai_metadata", _INVOKE)), expected=_BOTH),
    Example(name="invokeai of old", data=png(text("Dream", '"a lighthouse" -s 50 -S 12 -W512 -H512')), expected=_BOTH),
    Example(
        name="novelai with a signature that does not verify",
        data=png(text("Software", "NovelAI"), text("Comment", {"prompt": "coast", "seed": 4, "signed_hash": "AAAA"})),
        expected=_BOTH,
    ),
    Example(
        name="fooocus",
        data=png(text("parameters", _FOOOCUS), text("fooocus_scheme", "fooocus")),
        expected=_BOTH,
    ),
    Example(name="swarmui", data=png(text("parameters", _SWARM)), expected=_BOTH),
    Example(name="easy diffusion", data=png(*(text(key, str(one)) for key, one in _EASY.items())), expected=_BOTH),
    Example(
        name="draw things",
        data=png(chunk(b"iTXt", f"XML:com.adobe.xmp\0\0\0\0\0{_DRAW_XMP}".encode())),
        expected=_BOTH,
    ),
    Example(name="midjourney", data=png(text("Description", f"a lighthouse --v 6 Job ID: {_UUID}")), expected=_BOTH),
    Example(
        name="grok",
        data=jpeg(exif((0x010E, 2, b"Signature: " + b"A" * 88 + b"\0"), (0x013B, 2, f"{_UUID}\0".encode()))),
        expected=_says("generator.record"),
    ),
    Example(name="no record", data=gif(b"!\xfe\x0aLighthouse\0"), expected=(("generator.record", ""),)),
)
