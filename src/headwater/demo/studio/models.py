"""The model files on the workstation: two checkpoints, and a LoRA that names its training folder.

A third checkpoint was there once: some pictures name its digest, and no file has it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.demo.generators.draft import Model, compact
from headwater.demo.placed import Placed
from headwater.demo.safetensors_writer import build_safetensors, named_model, small_tensors
from headwater.demo.story import Story
from headwater.demo.studio.training import Training
from headwater.demo.timeline import local, moment_between
from headwater.demo.words.places import MODELS

_MODELS = 105


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models by the names generators use, and their files.

    shared: the checkpoint of ComfyUI, A1111 and Fooocus. second: of A1111 and InvokeAI. gone: no file has it.
    """

    shared: Model
    second: Model
    gone: Model
    lora: Model
    placed: tuple[Placed, ...]
    invoke_path: str  # of the second one, below InvokeAI's folder of models
    installed: datetime  # the checkpoints

    def is_there(self, model: Model) -> bool:
        """Tell whether a file of it was seized."""
        return model.sha256 != self.gone.sha256


def model_files(story: Story, training: Training) -> Models:
    """Make the model files; each digest a generator records is that of the file written here."""
    rng, layout = story.rng(_MODELS), story.layout
    words = [MODELS[int(place)] for place in rng.permutation(len(MODELS))[:3]]
    names = [f"{word}_v{int(rng.integers(1, 7))}" for word in words]
    files = [_checkpoint(story, name, number) for number, name in enumerate(names)]
    shared, second, gone = (named_model(name, data) for name, data in zip(names, files, strict=True))
    lora_name = f"{story.place}_light_v{int(rng.integers(1, 4))}"
    lora = _lora(story, lora_name, shared, training)
    installed = moment_between(rng, story.days.begin, story.days.begin + timedelta(days=5))
    models = [
        (f"{layout.comfy}/models/checkpoints/{shared.name}", files[0]),
        (f"{layout.a1111}/models/Stable-diffusion/{shared.name}", files[0]),
        (f"{layout.fooocus}/models/checkpoints/{shared.name}", files[0]),
        (f"{layout.a1111}/models/Stable-diffusion/{second.name}", files[1]),
        (f"{layout.invoke}/models/sd-1/main/{second.name}", files[1]),
        *((f"{folder}/{lora_name}", lora) for folder in lora_folders(story)),
    ]
    return Models(
        shared=shared, second=second, gone=gone, lora=named_model(lora_name, lora),
        invoke_path=f"sd-1/main/{second.name}.safetensors", installed=installed,
        placed=tuple(
            Placed(
                path=f"{path}.safetensors".encode(), data=data,
                modified=story.days.trained_until if data is lora else installed,
            )
            for path, data in models
        ),
    )  # fmt: skip


def lora_folders(story: Story) -> tuple[str, ...]:
    """The folders that hold the LoRA; the first is where the trainer wrote it."""
    layout = story.layout
    return (
        f"{layout.comfy}/models/loras",
        f"{layout.a1111}/models/Lora",
        f"{layout.fooocus}/models/loras",
    )


def _checkpoint(story: Story, name: str, number: int) -> bytes:
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
        "model.diffusion_model.middle_block.1.proj_in.weight": (720, 800),
        "first_stage_model.decoder.conv_in.weight": (64, 4, 3, 3),
    }
    metadata = {"format": "pt", "modelspec.title": name, "modelspec.architecture": "stable-diffusion-v1"}
    return build_safetensors(small_tensors((story.seed, _MODELS, number), shapes), metadata)


def _lora(story: Story, name: str, base: Model, training: Training) -> bytes:
    """Write it as kohya's sd-scripts do; the hashes it keeps of itself are of the tensors alone."""
    days, count, folder = story.days, len(training.photographs), training.dataset
    tags = Counter(tag.strip() for caption in training.captions for tag in caption.split(","))
    started, finished = days.trained_from.timestamp() + 0.114, days.trained_until.timestamp() - 1.098
    metadata = {
        "ss_output_name": name,
        "ss_session_id": str(int(story.rng(_MODELS, 8).integers(1, 2**31))),
        "ss_training_started_at": f"{started:.3f}",
        "ss_training_finished_at": f"{finished:.3f}",
        "ss_sd_model_name": f"{base.name}.safetensors",
        "ss_sd_model_hash": base.legacy,
        "ss_new_sd_model_hash": base.sha256,
        "ss_dataset_dirs": compact({folder: {"n_repeats": story.layout.repeats, "img_count": count}}),
        "ss_reg_dataset_dirs": "{}",
        "ss_tag_frequency": compact({folder: dict(tags)}),
        "ss_num_train_images": str(count * story.layout.repeats),
        "ss_num_epochs": "8",
        "ss_resolution": "(512, 512)",
        "ss_network_module": "networks.lora",
        "ss_network_dim": "16",
        "ss_network_alpha": "8",
        "ss_seed": "1234",
        "ss_training_comment": f"{story.place} light, own photographs",
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": "stable-diffusion-v1/lora",
        "modelspec.title": name,
        "modelspec.date": f"{local(days.trained_until):%Y-%m-%dT%H:%M:%S}",
    }
    block = "lora_unet_mid_block_attentions_0_proj_in"
    shapes = {f"{block}.alpha": (1,), f"{block}.lora_down.weight": (16, 320), f"{block}.lora_up.weight": (320, 16)}
    tensors = small_tensors((story.seed, _MODELS, 9), shapes)
    metadata["sshs_model_hash"] = named_model(name, build_safetensors(tensors, {})).autov3
    return build_safetensors(tensors, metadata)
