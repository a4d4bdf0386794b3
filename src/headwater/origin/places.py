"""S13 and S14: a watermark in the pixels, and names and folders that generators give their output.

The patterns are facts of the programs, each with its source. A name is the weakest of traces: anybody can give one.
"""

import re
from collections.abc import Iterator

from headwater.origin.claims import Claim, Content, text_of
from headwater.origin.context import Context
from headwater.origin.signals import Signal

# program, where it is looked for (name | path), pattern, source
PATTERNS: tuple[tuple[str, str, str, str], ...] = (
    ("comfyui", "name", r"ComfyUI_(temp_\w+_)?\d{5}_\.(png|webp)", "ComfyUI folder_paths.get_save_image_path"),
    ("comfyui", "path", r"(^|/)ComfyUI[^/]*/(output|temp)/", "ComfyUI folder_paths.output_directory"),
    ("a1111", "path", r"(^|/)outputs?/(txt2img|img2img|extras)-(images|grids)/", "A1111 shared_options.py, outdir_*"),
    ("a1111", "name", r"\d{5}-\d{4,10}(-[^/]*)?\.(png|jpe?g|webp)", "A1111 modules/images.py, [number]-[seed]"),
    ("fooocus", "path", r"(^|/)Fooocus[^/]*/outputs/\d{4}-\d\d-\d\d/", "Fooocus modules/config.py, path_outputs"),
    ("fooocus", "name", r"[\d-]{10}_[\d-]{8}_\d{4}\.(png|jpe?g|webp)", "Fooocus util.generate_temp_filename"),
    ("invokeai", "path", r"(^|/)invokeai[^/]*/outputs/images/", "InvokeAI app/services/config, outputs_dir"),
    ("swarmui", "path", r"(^|/)SwarmUI[^/]*/Output/", "SwarmUI src/Core/Settings.cs, OutputPath"),
    ("sdnext", "path", r"(^|/)(automatic|sdnext)[^/]*/outputs/(text|image|control)/", "SD.Next shared.py, outdir_*"),
    ("novelai", "name", r".{1,250} s-\d{5,10}( \(\d+\))?\.png", "names that novelai.net gives: prompt and seed"),
    ("dall-e", "name", r"DALL.E \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d - .*\.(png|webp)", "names that ChatGPT gives"),
    ("chatgpt", "name", r"ChatGPT Image .*\.png", "names that ChatGPT gives"),
    ("gemini", "name", r"Gemini_Generated_Image_\w+\.(png|jpe?g)", "names that gemini.google.com gives"),
)  # fmt: skip
_COMPILED = tuple((program, where, re.compile(pattern, re.IGNORECASE)) for program, where, pattern, _ in PATTERNS)
_LONGEST = 4096


def place_signals(content: Content) -> Iterator[Signal]:
    """S14 where a name or folder is as a generator's; one at most. A record in the file is the same writer's."""
    if any(claim.fields.get("whole") is True for claim in content.found("generator.record")):
        return
    for place in content.places:
        path = place.path[-_LONGEST:]
        for program, where, pattern in _COMPILED:
            if pattern.fullmatch(place.name) if where == "name" else pattern.search(path):
                what = "name" if where == "name" else "folder"
                text = f"a {what} that {program} gives its output ({place.path})"
                says = f"its {what} is one that {program} gives its output ({place.path})"
                yield Signal(id="S14", side="g", level=1, says=says, writer=program, values={"text": text})
                return


def watermark_signals(content: Content, context: Context) -> Iterator[Signal]:
    """S13 for each payload that was read."""
    for claim in content.found("watermark.dwtdct"):
        yield _watermark(claim, context)


def _watermark(claim: Claim, context: Context) -> Signal:
    fields = claim.fields
    says = (
        f"an invisible watermark, payload {text_of(fields, 'payload')}: {text_of(fields, 'bits_agreeing')} of "
        f"{text_of(fields, 'bits')} bits agree; chance would give as many with probability "
        f"{text_of(fields, 'false_positive_probability')}"
    )
    text = f"an invisible watermark of payload {text_of(fields, 'payload')}"
    level = 2 if "watermark" in context.validated else 1
    return Signal(
        id="S13", side="g", level=level, findings=(claim.finding,), says=says, writer="watermark", values={"text": text}
    )
