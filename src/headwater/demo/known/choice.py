"""Chooses what others know already: some uploads, some outputs, the programs; never the training photographs."""

from collections.abc import Mapping

from headwater.demo.exhibits.workstation import Workstation
from headwater.demo.gallery.history import Platform
from headwater.demo.known.icse import icse_set
from headwater.demo.known.nsrl import nsrl_set
from headwater.demo.known.pdq_list import pdq_set
from headwater.demo.known.record import KnownSet
from headwater.demo.known.vics import vics_set
from headwater.demo.placed import Placed
from headwater.demo.sight import QUALITY_MIN, Sight
from headwater.demo.story import Story

_CHOICE = 601


def choose_known(
    story: Story, workstation: Workstation, platform: Platform, phone: list[Placed], sights: Mapping[str, Sight]
) -> list[KnownSet]:
    """Write the four sets: VICS knows some uploads and outputs, ICSE other uploads, the PDQ list outputs."""
    rng = story.rng(_CHOICE)
    uploads = [one.placed for one in platform.uploads]
    uploads = [uploads[int(place)] for place in rng.permutation(len(uploads))]
    outputs = [one.placed for one in workstation.outputs]
    sixth, ninth = max(len(uploads) // 6, 2), max(len(uploads) // 9, 2)
    chosen = [outputs[int(place)] for place in rng.permutation(len(outputs))]
    graded = uploads[:sixth] + chosen[: max(len(outputs) // 20, 2)]
    similar = {one.output.placed.sha256 for one in platform.uploads[::4] if one.output is not None}
    flat = next(
        sights[one.sha256].truth for one in reversed(phone) if b"Screenshots" in one.path
    )  # the last of them is flat
    seen = [sights[digest].truth for digest in sorted(similar) if sights[digest].truth.pdq_quality >= QUALITY_MIN]
    return [
        vics_set(story, graded),
        icse_set(story, uploads[sixth : sixth + ninth]),
        pdq_set(story, seen, flat),
        nsrl_set(story, workstation.programs),
    ]
