"""The model files on the workstation: two checkpoints, and a LoRA that names its training folder."""

from dataclasses import dataclass

from headwater.demo.generators import Model, compact
from headwater.demo.placed import Placed
from headwater.demo.safetensors_writer import build_safetensors, named_model, small_tensors
from headwater.demo.story import Story, syllables

_MODELS = 105


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models by the names generators use, and their files. `checkpoints[0]` is ComfyUI's, shared with A1111."""

    checkpoints: tuple[Model, Model]
    lora: Model
    placed: tuple[Placed, ...]
    lora_path: bytes


def model_files(story: Story, training: list[Placed]) -> Models:
    """Make the model files; each digest a generator records is that of the file written here."""
    rng = story.rng(_MODELS)
    names = [f"{syllables(rng, 2).lower()}_v{number}" for number in (3, 1)]
    checkpoints = [_checkpoint(story, name, number) for number, name in enumerate(names)]
    known = [named_model(name, data) for name, data in zip(names, checkpoints, strict=True)]
    lora_name = f"{story.place}_light_v2"
    lora_data = _lora(story, lora_name, known[0], training)
    folders = (b"AI/ComfyUI/models/checkpoints/", b"AI/stable-diffusion-webui/models/Stable-diffusion/")
    lora_path = b"AI/ComfyUI/models/loras/" + lora_name.encode() + b".safetensors"
    files = [
        (folders[0] + names[0].encode() + b".safetensors", checkpoints[0]),
        (folders[1] + names[0].encode() + b".safetensors", checkpoints[0]),
        (folders[1] + names[1].encode() + b".safetensors", checkpoints[1]),
        (lora_path, lora_data),
        (b"AI/stable-diffusion-webui/models/Lora/" + lora_name.encode() + b".safetensors", lora_data),
    ]
    return Models(
        checkpoints=(known[0], known[1]),
        lora=named_model(lora_name, lora_data),
        placed=tuple(Placed(path=path, data=data, modified=story.moment(rng, 20)) for path, data in files),
        lora_path=lora_path,
    )


def _checkpoint(story: Story, name: str, number: int) -> bytes:
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (320, 4, 3, 3),
        "model.diffusion_model.middle_block.1.proj_in.weight": (800, 900),
        "first_stage_model.decoder.conv_in.weight": (64, 4, 3, 3),
    }
    metadata = {"format": "pt", "modelspec.title": name, "modelspec.architecture": "stable-diffusion-v1"}
    return build_safetensors(small_tensors((story.seed, _MODELS, number), shapes), metadata)


def _lora(story: Story, name: str, base: Model, training: list[Placed]) -> bytes:
    folder = f"10_{story.place}"
    count = len(training)
    words = ("at dusk", "at noon", "in fog", "from the sea", "with its cottage")
    tags = {f"a white lighthouse {word}": len(range(index, count, len(words))) for index, word in enumerate(words)}
    metadata = {
        "ss_output_name": name,
        "ss_session_id": str(int(story.rng(_MODELS, 8).integers(1, 2**31))),
        "ss_training_started_at": "1714720000.114",
        "ss_training_finished_at": "1714731337.902",
        "ss_sd_model_name": f"{base.name}.safetensors",
        "ss_sd_model_hash": base.legacy,
        "ss_new_sd_model_hash": base.sha256,
        "ss_dataset_dirs": compact({folder: {"n_repeats": 10, "img_count": count}}),
        "ss_reg_dataset_dirs": "{}",
        "ss_tag_frequency": compact({folder: {story.place: count, **tags}}),
        "ss_num_train_images": str(count * 10),
        "ss_seed": "1234",
        "ss_network_module": "networks.lora",
        "ss_training_comment": f"{story.place} light, own photographs",
        "modelspec.title": name,
        "modelspec.author": story.producer,
        "modelspec.date": "2024-05-03T11:15:37",
    }
    shapes = {
        "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight": (16, 320),
        "lora_unet_mid_block_attentions_0_proj_in.lora_up.weight": (320, 16),
        "lora_unet_mid_block_attentions_0_proj_in.alpha": (1,),
    }
    return build_safetensors(small_tensors((story.seed, _MODELS, 9), shapes), metadata)
