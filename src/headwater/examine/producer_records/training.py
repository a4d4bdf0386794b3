"""What a trainer of models was told to do: where its pictures lie, from which model it begins, what it writes.

Source: github.com/kohya-ss/sd-scripts (library/train_util.py, the names of its options; library/config_util.py, a data
set as TOML with ``datasets`` and ``subsets``) and github.com/bmaltais/kohya_ss, whose page saves the same names as JSON
and as TOML.
"""

import tomllib
from collections.abc import Iterator

from headwater.examine.producer_records.told import Value, said, word
from headwater.model.finding import Seen

_FOLDERS = ("train_data_dir", "reg_data_dir", "image_dir", "in_json")
_NAMES = ("output_name", "output_dir", "logging_dir", "pretrained_model_name_or_path", "model_list", "network_weights")
_FIGURES = ("max_train_epochs", "epoch", "max_train_steps", "resolution", "max_resolution", "network_dim", "seed")


def is_training(content: Value) -> bool:
    """Tell the settings by the folder of the pictures, and one more name."""
    return isinstance(content.get("train_data_dir"), str) and any(key in content for key in (*_NAMES, *_FIGURES))


def read_training(content: Value) -> Iterator[Seen]:
    """One finding for the file. The folder may hold photographs of people."""
    told = {key: word(content.get(key)) for key in (*_FOLDERS, *_NAMES, *_FIGURES)}
    yield said("record.training", program="kohya", carrier="settings", **told)


def is_training_text(data: bytes) -> bool:
    """Tell settings as TOML by a name that they have at the beginning of a line."""
    return any(data.startswith(mark) or b"\n" + mark in data for mark in (b"train_data_dir", b"[[datasets"))


def read_training_text(text: str) -> Iterator[Seen]:
    """Likewise of TOML; nothing of a text that is none."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    if is_training(content):
        yield from read_training(content)
    datasets = content.get("datasets")
    for dataset in datasets if isinstance(datasets, list) else []:
        subsets = dataset.get("subsets") if isinstance(dataset, dict) else None
        for subset in subsets if isinstance(subsets, list) else []:
            folder = word(subset.get("image_dir")) if isinstance(subset, dict) else None
            if folder:
                told = {key: word(subset.get(key)) for key in ("num_repeats", "is_reg", "class_tokens")}
                yield said("record.training", program="kohya", carrier="data set", train_data_dir=folder, **told)
