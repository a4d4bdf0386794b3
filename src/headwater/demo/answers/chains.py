"""Upstream from each upload: account, output, workflow, models, input picture, training folder, photographs, camera."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from headwater.demo.exhibits.laptop import Laptop
from headwater.demo.exhibits.workstation import Workstation
from headwater.demo.gallery.uploads import Upload
from headwater.demo.story import Story
from headwater.demo.studio.outputs import Output
from headwater.demo.truth import ChainTruth, DownloadTruth, FileTruth
from headwater.model.visible import visible

Paths = Mapping[str, tuple[str, ...]]


def paths_by_content(files: Sequence[FileTruth], *, exhibit: str = "") -> dict[str, tuple[str, ...]]:
    """Give each content's places as ``exhibit/path``, on one exhibit or on all."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in files:
        if exhibit in {"", one.exhibit}:
            found[one.sha256].append(f"{one.exhibit}/{one.path}")
    return {digest: tuple(paths) for digest, paths in found.items()}


def chains(
    story: Story, uploads: Sequence[Upload], workstation: Workstation, paths: Paths, *, here: str, phone: str
) -> tuple[ChainTruth, ...]:
    """Go upstream of each upload that was made from an output. `paths` are those on the workstation."""
    return tuple(
        _chain(story, one, one.output, workstation, paths, exhibits=(here, phone))
        for one in uploads
        if one.output is not None
    )


def _chain(
    story: Story, upload: Upload, output: Output, workstation: Workstation, paths: Paths, *, exhibits: tuple[str, str]
) -> ChainTruth:
    here, phone = exhibits
    draft, training = output.draft, workstation.training
    lora = draft.lora.sha256 if draft.lora else ""
    volume = story.layout.pictures_volume + 1
    return ChainTruth(
        account=upload.account.account,
        uploaded_at=upload.at.isoformat(),
        upload_sha256=upload.placed.sha256,
        change=upload.change,
        output_sha256=output.placed.sha256,
        output_paths=paths[output.placed.sha256],
        tool=output.tool,
        workflow_shape=output.shape,
        checkpoint_sha256=draft.checkpoint.sha256 if workstation.models.is_there(draft.checkpoint) else "",
        checkpoint_paths=paths.get(draft.checkpoint.sha256, ()),
        lora_sha256=lora,
        lora_paths=paths.get(lora, ()),
        source_sha256=output.source_sha256,
        source_paths=paths.get(output.source_sha256, ()),
        training_folder=f"{here}/p{volume}/{training.folder}" if lora else "",
        photographs_sha256=tuple(one.sha256 for one in training.photographs) if lora else (),
        workstation_exhibit=here,
        camera_exhibit=phone if lora else "",
        camera_serial=story.bodies.phone.serial if lora else "",
    )


def downloads(laptop: Laptop, exhibit: str) -> tuple[DownloadTruth, ...]:
    """List what the subscriber fetched, and where it lies."""
    return tuple(
        DownloadTruth(
            account=one.visit.account.account, upload_sha256=placed.sha256, at=one.at.isoformat(), exhibit=exhibit,
            path=visible(placed.path),
        )
        for one, placed in laptop.downloads
    )  # fmt: skip
