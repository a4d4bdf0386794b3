"""The readers of generators' records, in one visible tuple. Each is asked; none stops the others."""

from collections.abc import Callable, Iterator, Sequence

from headwater.formats.generators.a1111 import read_a1111
from headwater.formats.generators.carried import Carried
from headwater.formats.generators.comfyui import read_comfyui
from headwater.formats.generators.drawthings import read_drawthings
from headwater.formats.generators.easydiffusion import read_easydiffusion
from headwater.formats.generators.fooocus import read_fooocus
from headwater.formats.generators.grok import read_grok
from headwater.formats.generators.invokeai import read_invokeai
from headwater.formats.generators.midjourney import read_midjourney
from headwater.formats.generators.novelai import read_novelai
from headwater.formats.generators.record import Told
from headwater.formats.generators.swarmui import read_swarmui

Reader = Callable[[Sequence[Carried]], Iterator[tuple[Told, Carried]]]

READERS: tuple[Reader, ...] = (
    read_a1111,
    read_comfyui,
    read_invokeai,
    read_novelai,
    read_fooocus,
    read_swarmui,
    read_easydiffusion,
    read_drawthings,
    read_midjourney,
    read_grok,
)
