"""The text of settings that AUTOMATIC1111's web UI keeps in `params.txt` and, where asked, beside each picture.

Source: github.com/AUTOMATIC1111/stable-diffusion-webui, modules/processing.py (create_infotext): the prompt, a line
that begins with ``Negative prompt:``, and one line of ``Name: value`` pairs that begins with ``Steps:``.
"""

import re
from collections.abc import Iterator

from headwater.examine.producer_records.told import hash_kind, number, output, word
from headwater.model.finding import Seen

TEXT_BYTES_MAX = 1 << 20
_LINE = re.compile(r"^Steps: \d{1,6}, .*$", re.MULTILINE)
_PAIR = re.compile(r'([A-Z][\w /-]{0,60}): ("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)')
_NEGATIVE = re.compile(r"^Negative prompt:", re.MULTILINE)
_LORA = re.compile(r"\s*([^:,]{1,200}): ([0-9a-fA-F]{8,64})(?:,|$)")
_NEEDED = ("Sampler", "Seed")


def find(text: str) -> re.Match[str] | None:
    """Find the line of settings, where the text ends with one; None where there is none."""
    found = next(iter(_LINE.finditer(text.rstrip())), None)
    fits = found is not None and found.end() == len(text.rstrip())
    return found if found and fits and all(f"{key}: " in found[0] for key in _NEEDED) else None


def read(text: str, line: re.Match[str]) -> Iterator[Seen]:
    """One output; its file is not named."""
    settings: dict[str, str] = {}
    for pair in _PAIR.finditer(line[0]):
        settings.setdefault(pair[1], pair[2].strip('"'))
    head = text[: line.start()]
    cut = _NEGATIVE.search(head)
    prompt, negative = (head[: cut.start()], head[cut.end() :]) if cut else (head, None)
    width, _, height = settings.get("Size", "").partition("x")
    digest = word(settings.get("Model hash"))
    yield from output(
        "a1111",
        "settings text",
        prompt.strip(),
        negative.strip() if negative else None,
        seed=word(settings.get("Seed")),
        steps=number(settings.get("Steps")),
        sampler=word(settings.get("Sampler")),
        cfg=number(settings.get("CFG scale")),
        width=number(width),
        height=number(height),
        denoise=number(settings.get("Denoising strength")),
        model=word(settings.get("Model")),
        model_hash=digest,
        model_hash_kind=hash_kind(digest),
        loras=[{"name": one[1], "hash": one[2].lower()} for one in _LORA.finditer(settings.get("Lora hashes", ""))],
        version=word(settings.get("Version")),
    )
