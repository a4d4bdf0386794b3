"""The things that two pictures can share, read from what was found of one content.

A key is no tie yet: how rare it is, is measured on the operation (rarity.py).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from headwater.model.canonical import Json, canonical_text

# The kinds by which pictures are tied where a value is rare, with what they are called.
SHARED = {
    "own_model": "model trained on a seized folder",
    "model": "model",
    "lora": "LoRA",
    "workflow": "workflow",
    "template": "prompt without its variable parts",
    "negative": "negative prompt",
    "seeds": "run of seeds",
    "software": "build of the program",
    "encoder": "tables of the encoder",
    "source": "source picture",
    "session": "session",
    "sensor": "sensor pattern",
    "body": "camera by make, model and serial",
}
# What one person has and another has not, unless it was handed on. All else can be fetched, copied or left as it came:
# a model, a workflow, a prompt. Such a key is a lead between two pictures and makes no hand.
OWN = frozenset({"own_model", "seeds", "source", "session", "sensor", "body"})
_SEED_MIN = 10_000  # smaller ones are typed by hand
_TAG = re.compile(r"<[^<>]{1,200}>")
_WEIGHT = re.compile(r":\s*[\d.]+")
_BRACKETS = str.maketrans("()[]{}", "      ")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PHRASES = re.compile(r"[,;.\n|]|\bBREAK\b|\bAND\b")
_PHRASES_MAX = 200
_PHRASE_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Key:
    """One key. detail: what else is needed to say what it is."""

    kind: str
    value: str
    detail: Mapping[str, Json] = field(default_factory=dict)

    def detail_text(self) -> str:
        """The detail as canonical JSON, an object also where there is none."""
        return canonical_text(dict(self.detail))


Reader = Mapping[str, Any]


def keys_of(claim: str, value: Reader) -> Iterator[Key]:
    """The keys that one finding gives. value: the finding's, as an object."""
    read = _READERS.get(claim)
    if read:
        yield from read(value)


def phrases(prompt: str) -> list[str]:
    """The phrases of a prompt without case, weights, tags of LoRAs and numbers, each once, in their order."""
    text = _TAG.sub(" ", unicodedata.normalize("NFKC", prompt))
    parts = (_NUMBER.sub(" ", _WEIGHT.sub(" ", part.translate(_BRACKETS))) for part in _PHRASES.split(text))
    words = (" ".join(part.casefold().split()) for part in parts)
    return list(dict.fromkeys(word for word in words if word))[:_PHRASES_MAX]


def model_key(name: str, digest: str, kind: str) -> str:
    """How a record's model is called: by its digest where it has one, else by its name."""
    return f"{kind or 'unknown'}:{digest}" if digest else f"name:{name}"


def _record(value: Reader) -> Iterator[Key]:
    if value.get("whole") is not True and not value.get("models"):
        return
    generator = _text(value, "generator")
    for kind, listed in (("model", "models"), ("lora", "loras")):
        for one in _objects(value, listed):
            yield _model(kind, one)
    shape, described = _shape(value, generator)
    yield Key("workflow", shape, {"what": described})
    yield from _made(value, generator)
    for one in _objects(value, "inputs"):
        told: dict[str, Json] = {key: _text(one, key) for key in ("name", "role", "sha256") if _text(one, key)}
        yield Key("input", _base(_text(one, "name")) or _text(one, "sha256") or "unnamed", told)


def _made(value: Reader, generator: str) -> Iterator[Key]:
    seed = _text(value, "seed")
    if seed.isdecimal() and int(seed) >= _SEED_MIN:
        yield Key("seed", seed, {"generator": generator})
    if negative := _text(value, "negative_sha256"):
        yield Key("negative", negative)
    if version := _text(value, "version"):
        yield Key("software", f"{generator} {version}")


def _model(kind: str, one: Reader) -> Key:
    name, digest, digest_kind = _text(one, "name"), _text(one, "hash").lower(), _text(one, "hash_kind")
    return Key(kind, model_key(name, digest, digest_kind), {"hash": digest, "hash_kind": digest_kind, "name": name})


def _shape(value: Reader, generator: str) -> tuple[str, str]:
    """The workflow: of a graph the digest of its shape; of settings that have none, which steps they tell of."""
    if shape := _text(value, "shape_sha256"):
        return shape, f"{generator} graph"
    roles = {_text(one, "role") or "image" for one in _objects(value, "inputs")}
    has_input = bool(roles) or value.get("input_use", "none") != "none"
    begun = "inpaint" if "mask" in roles else "img2img" if has_input else "txt2img"
    upscaled = not has_input and value.get("denoise") is not None  # a second pass over its own first one
    parts = [generator, begun, *["second pass"] * upscaled, *["LoRA"] * bool(value.get("loras"))]
    what = " ".join(part for part in parts if part)
    return sha256(what.encode()).hexdigest(), what


def _prompt(value: Reader) -> Iterator[Key]:
    found = phrases(_text(value, "prompt"))
    if len(found) > 1:
        digests = (sha256(one.encode("utf-8", "replace")).hexdigest()[:_PHRASE_DIGITS] for one in found)
        yield Key("phrases", " ".join(digests))


def _encoder(value: Reader) -> Iterator[Key]:
    tables, layout = _text(value, "tables_sha256"), _text(value, "layout")
    if tables:
        digest = sha256(f"{tables} {layout}".encode()).hexdigest()
        yield Key("encoder", digest, {"family": _text(value, "family"), "quality": _text(value, "quality")})


def _body(value: Reader) -> Iterator[Key]:
    fails = any(_text(rule, "outcome") == "fails" for rule in _objects(value, "rules"))
    serial = _text(value, "serial").strip()
    if serial and not fails and len(set(serial)) > 1:  # serials of zeros alone name no camera
        named = [_text(value, "make").strip(), _text(value, "model").strip(), serial]
        yield Key("body", " ".join(named))


def _sensor(value: Reader) -> Iterator[Key]:
    camera = _text(value, "camera")
    if camera:
        pattern: Json = _text(value, "pattern_sha256")
        yield Key("sensor", camera, {"pattern_sha256": pattern, "pce": _text(value, "pce")})


def _output(value: Reader) -> Iterator[Key]:
    name = _base(_text(value, "name"))
    if name:
        session = _text(value, "session")
        yield Key("logged", name, {"session": session} if session else {})
        first = {"name": value.get("model"), "hash": value.get("model_hash"), "hash_kind": value.get("model_hash_kind")}
        for one in (first, *_objects(value, "loras")):
            model = _model("logged_model", one)
            if model.value != "name:":
                yield Key("logged_model", model.value, {**model.detail, "output": name})
        shape, described = _shape(value, _text(value, "program"))
        yield Key("logged_workflow", shape, {"output": name, "what": described})


def _download(value: Reader) -> Iterator[Key]:
    target = _base(_text(value, "target"))
    if target:
        detail: dict[str, Json] = {
            key: _text(value, key)[:500] for key in ("url", "url_host", "at") if _text(value, key)
        }
        yield Key("download", target, detail)


def _saved(value: Reader) -> Iterator[Key]:
    shape = _text(value, "shape_sha256")
    if shape:
        yield Key("saved_workflow", shape, {"program": _text(value, "program") or "a program"})


def _trainer(value: Reader) -> Iterator[Key]:
    folder = _text(value, "train_data_dir")
    if folder:
        yield Key("trainer", folder)


_READERS = {
    "generator.record": _record,
    "generator.prompt": _prompt,
    "camera.encoder": _encoder,
    "camera.coherence": _body,
    "sensor.match": _sensor,
    "record.output": _output,
    "record.download": _download,
    "record.workflow": _saved,
    "record.training": _trainer,
}
CLAIMS: Sequence[str] = tuple(_READERS)


def _base(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rpartition("/")[2]


def _text(value: Reader, key: str) -> str:
    one = value.get(key, "")
    return str(one) if isinstance(one, str | int | float) and not isinstance(one, bool) else ""


def _objects(value: Reader, key: str) -> list[Reader]:
    listed = value.get(key)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
