"""Midjourney: a description that ends with ``Job ID:`` and the job's UUID; options stand behind two dashes.

As its PNG and XMP carry it, with the same UUID as iptcExt:DigImageGUID; options: https://docs.midjourney.com. A link
in the prompt is a picture that went in.
"""

import re
from collections.abc import Iterator, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Input, Record, Told, figure, seed

_JOB = re.compile(r"\bJob ID: ([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\s*$")
_OPTION = re.compile(r"--(\w{1,20})(?:\s+((?!--)\S{1,200}))?")
_LINK = re.compile(r"https?://\S{1,1000}")
_REFERENCES = ("cref", "sref", "oref")
_LISTED_MAX = 50
_LETTERS_MAX = 64 << 10


def read_midjourney(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every such description."""
    for one in texts:
        found = _JOB.search(one.text) if "Job ID: " in one.text and len(one.text) <= _LETTERS_MAX else None
        if found:
            yield _record(one.text[: found.start()].strip(), found[1].lower()), one


def _record(description: str, job: str) -> Record:
    dashes = re.search(r"\s--\w", f" {description}")
    prompt = description[: dashes.start()].strip() if dashes else description
    options = {found[1]: found[2] or "" for found in _OPTION.finditer(description)}
    links = [found[0] for found in _LINK.finditer(prompt)][:_LISTED_MAX]
    inputs = [Input("image", link) for link in links]
    inputs += [Input("control", options[name]) for name in _REFERENCES if options.get(name, "").startswith("http")]
    return Record(
        generator="midjourney",
        told_by="layout",
        version=options.get("v", options.get("version", "")) or options.get("niji", ""),
        seed=seed(options.get("seed")),
        denoise=figure(options.get("iw")),
        inputs=tuple(inputs),
        prompt=prompt,
        more={"job": job},
    )
