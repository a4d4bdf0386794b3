"""What the header of a model says: how it was trained, on which folders, from which model.

Keys that begin with ``ss_`` are written by kohya-ss/sd-scripts (train_network.py), ``sshs_`` by the same program over
the tensors, ``modelspec.`` after Stability-AI/ModelSpec. All values are texts; some are JSON in a text. Whoever has the
file can change any of them.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

from headwater.examine.metadata_json import bounded

Value = dict[str, object]
_FOLDERS_MAX = 200
_TAGS_MAX = 200
_TEXT_LETTERS = 2_000
_TRAINING = {
    "session_id": "ss_session_id",
    "seed": "ss_seed",
    "images": "ss_num_train_images",
    "regularisation_images": "ss_num_reg_images",
    "epochs": "ss_num_epochs",
    "steps": "ss_steps",
    "resolution": "ss_resolution",
    "network_module": "ss_network_module",
    "network_dimension": "ss_network_dim",
    "comment": "ss_training_comment",
}
_BASE = {"name": "ss_sd_model_name", "hash": "ss_sd_model_hash", "sha256": "ss_new_sd_model_hash"}
_STATED = {
    "sshs_model_hash": "sshs_model_hash",
    "sshs_legacy_hash": "sshs_legacy_hash",
    "modelspec_sha256": "modelspec.hash_sha256",
}
_TIMES = {"started": "ss_training_started_at", "finished": "ss_training_finished_at"}
_WITH_CAPTIONS = ("prompt", "caption", "tag", "workflow", "trigger")  # in keys whose text a person wrote
_ELSEWHERE = ("ss_datasets", "ss_dataset_dirs", "ss_output_name", "ss_reg_dataset_dirs", "ss_tag_frequency")
_MERGED = "sd_merge_models"
_READ = frozenset({_MERGED, *_TRAINING.values(), *_BASE.values(), *_STATED.values(), *_TIMES.values(), *_ELSEWHERE})


def said(metadata: Mapping[str, str]) -> Value:
    """What is said of the training: folders, base model, times, and hashes the file states of itself."""
    named = {
        "name": metadata.get("modelspec.title") or metadata.get("ss_output_name"),
        "output_name": metadata.get("ss_output_name"),
        "architecture": metadata.get("modelspec.architecture") or metadata.get("ss_base_model_version"),
        "merged_from": metadata.get("modelspec.merged_from"),
        "merged": list(_merged(metadata)),
        "base": _chosen(metadata, _BASE),
        "stated_hashes": _chosen(metadata, _STATED),
        "training": _chosen(metadata, _TRAINING) | dict(_times(metadata)),
        "training_folders": _folders(metadata),
    }
    return {key: _short(value) for key, value in named.items() if value}


def _merged(metadata: Mapping[str, str]) -> Iterator[Value]:
    """The models that this one was merged of, as AUTOMATIC1111's merger keeps them: by SHA-256."""
    for digest, told in [*_by_name(metadata.get(_MERGED, "")).items()][:_FOLDERS_MAX]:
        if isinstance(told, dict):
            named: Value = {"sha256": digest[:64].lower(), "name": told.get("name")}
            yield {key: one for key, one in named.items() if isinstance(one, str)}


def tags(metadata: Mapping[str, str]) -> Iterator[Value]:
    """The words of the captions, most frequent first, one value for each folder of ``ss_tag_frequency``."""
    for folder, counted in _by_name(metadata.get("ss_tag_frequency", "")).items():
        if isinstance(counted, dict):
            pairs = [(tag[:_TEXT_LETTERS], count) for tag, count in counted.items() if type(count) is int]
            pairs.sort(key=lambda pair: (-pair[1], pair[0]))
            yield {"distinct": len(counted), "folder": folder[:_TEXT_LETTERS], "tags": _fitting(pairs)}


def others(metadata: Mapping[str, str]) -> Iterator[Value]:
    """Every other key with its text; of captions, prompts, workflows and pictures only length and digest."""
    for key, text in sorted(metadata.items()):
        if key in _READ:
            continue
        raw = text.encode("utf-8", "replace")
        told: Value = {"length_bytes": len(raw), "sha256": sha256(raw).hexdigest()}
        plain = not text.startswith("data:") and not any(word in key.lower() for word in _WITH_CAPTIONS)
        yield dict(bounded({"key": key, "value": text})) if plain else dict(bounded({"key": key})) | told


def _folders(metadata: Mapping[str, str]) -> list[Value]:
    """The training folders: names as the trainer kept them, without what stood above them."""
    named = [
        *_folders_of(_by_name(metadata.get("ss_dataset_dirs", "")), {}),
        *_folders_of(_by_name(metadata.get("ss_reg_dataset_dirs", "")), {"regularisation": True}),
        *_subsets(metadata.get("ss_datasets", "")),
    ]
    once = {str(sorted(each.items())): each for each in named}
    return list(once.values())[:_FOLDERS_MAX]


def _folders_of(content: Mapping[str, object], mark: Value) -> Iterator[Value]:
    for name, facts in content.items():
        counts = facts if isinstance(facts, dict) else {}
        yield _folder(name, counts.get("img_count"), counts.get("n_repeats")) | mark


def _subsets(text: str) -> Iterator[Value]:
    content = _parsed(text)
    for dataset in content if isinstance(content, list) else []:
        for subset in _listed(dataset, "subsets"):
            name = subset.get("image_dir") or subset.get("metadata_file")
            if isinstance(name, str):
                mark: Value = {"regularisation": True} if subset.get("is_reg") is True else {}
                yield _folder(name, subset.get("img_count"), subset.get("num_repeats")) | mark


def _folder(name: str, images: object, repeats: object) -> Value:
    counts = {"images": images, "repeats": repeats}
    return {"name": name[:_TEXT_LETTERS]} | {key: one for key, one in counts.items() if _is_count(one)}


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _listed(value: object, key: str) -> list[dict[str, object]]:
    inner = value.get(key) if isinstance(value, dict) else None
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def _by_name(text: str) -> dict[str, object]:
    content = _parsed(text)
    return content if isinstance(content, dict) else {}


def _parsed(text: str) -> object:
    """The JSON in a text; None where it is none."""
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def _chosen(metadata: Mapping[str, str], keys: Mapping[str, str]) -> Value:
    return {name: metadata[key] for name, key in keys.items() if metadata.get(key, "None") not in ("", "None")}


def _times(metadata: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """Seconds since 1970 as stored, as UTC."""
    for name, key in _TIMES.items():
        with suppress(ValueError, OverflowError, OSError):
            moment = datetime.fromtimestamp(float(metadata[key]), UTC) if key in metadata else None
            if moment:
                yield name, moment.isoformat(timespec="milliseconds")


def spelled(value: object) -> str:
    """The JSON of a value that a header has as a text."""
    return json.dumps(value)


def _short(value: object) -> object:
    """The same with long texts cut."""
    if isinstance(value, str):
        return value[:_TEXT_LETTERS]
    return {key: _short(one) for key, one in value.items()} if isinstance(value, dict) else value


def _fitting(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The first of them, as far as they take little room."""
    kept, letters = [], 0
    for pair in pairs[:_TAGS_MAX]:
        letters += len(pair[0])
        if letters > 4 * _TEXT_LETTERS:
            break
        kept.append(pair)
    return kept
