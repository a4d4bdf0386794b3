"""What picture generators write into their files: programs, models, seeds, prompts, workflows, pictures that went in.

Every text of the file is looked at (formats/generators/carried.py), and the least bits of pixels where the format keeps
them; every reader of formats/generators/readers.py is asked. Claims (values are JSON with sorted keys):

- ``generator.record`` {"carrier", "generator", "whole", "why"? where not whole, "told_by": name or layout, "models",
  "loras": [{"name", "hash"?, "hash_kind"?, "weight"?}], "inputs": [{"role", "name"?, "sha256"?}], "input_use": none,
  named or unnamed, "version"?, "sampler"?, "seed"?, "steps"?, "cfg"?, "width"?, "height"?, "denoise"?,
  "output_name"?, "prompt_sha256"?, "negative_sha256"?, "shape_sha256"?, "signature"?, "said_..."?}
- ``generator.prompt`` {"carrier", "generator", "prompt"?, "negative"?}
- ``generator.graph`` {"carrier", "generator", "kind": api or canvas, "nodes", "shape_sha256", "classes"}

A record that is there by its name and cannot be read is FAILED; NOTHING where no text has a known form. What is in
parts that damage kept from being read, the metadata examiner says.
"""

from collections.abc import Iterator
from itertools import islice

from headwater.examine.examiner import Example
from headwater.examine.generators_claims import GeneratorClaims
from headwater.examine.generators_examples import EXAMPLES
from headwater.examine.generators_hidden import hidden
from headwater.examine.view import View
from headwater.formats.generators.carried import TEXTS_MAX, Carried, carried
from headwater.formats.generators.readers import READERS
from headwater.formats.structure import Structure
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

FINDINGS_MAX = 300
_RECORD = "generator.record"


class Generators:
    """The examiner."""

    name = "generators"
    version = "1"
    claims = ("generator.graph", "generator.prompt", _RECORD)

    def accepts(self, view: View) -> bool:
        return view.structure() is not None

    def examine(self, view: View) -> Iterator[Seen]:
        structure = view.structure()
        if structure is None:
            return
        count = 0
        for seen in _all(view, structure):
            count += 1
            if count > FINDINGS_MAX:
                reason = f"{FINDINGS_MAX} findings of one file are recorded; there are more"
                yield Seen(claim=_RECORD, state=State.NOT_RUN, reason=f"limit: {reason}")
                return
            yield seen
        if not count:
            yield Seen(claim=_RECORD, state=State.NOTHING, reason="looked: no text in the file is a known record")

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


def _all(view: View, structure: Structure) -> Iterator[Seen]:
    claims = GeneratorClaims(view)
    texts = list(islice(carried(view.bytes, structure, view.read()), TEXTS_MAX + 1))
    try:
        texts += islice(
            hidden(view, structure), TEXTS_MAX + 1
        )  # a text of pixels may be an object of a million members
    except EvidenceError as fault:
        yield Seen(claim=_RECORD, state=State.FAILED, reason=f"{fault.kind}: text in the pixels: {fault.message}")
    yield from _told(claims, texts)
    if len(texts) > TEXTS_MAX:
        reason = f"limit: {TEXTS_MAX} texts of one file are looked at; there are more"
        yield Seen(claim=_RECORD, state=State.NOT_RUN, reason=reason)


def _told(claims: GeneratorClaims, texts: list[Carried]) -> Iterator[Seen]:
    if not any(one.may_be_record for one in texts):
        return
    for read in READERS:
        for told, one in read(texts):
            yield from claims.seen(told, one)
