"""The content credentials and declared labels of every file in a folder, without a sandbox and without a workspace.

``python -m headwater.bench.corpus_credentials FOLDER [--trust PEM]...`` prints for each file with credentials: state,
whether the bytes are those that were signed, what fails, what the history states, and by whom; then the files by
state, by failure code and by declared label, and how long it took. It judges nothing: what a file is known to be is for
whoever made the folder.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from headwater.bench.arguments import a_file, a_folder
from headwater.evidence.content import BytesSource
from headwater.examine.credentials import ContentCredentials
from headwater.examine.declared import Declared
from headwater.examine.materials import Loaded
from headwater.examine.view import View
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State
from headwater.model.material import TRUST_LIST, Material
from headwater.model.visible import visible

_STATE = "c2pa.state"
_CLAIMS = ("c2pa.manifest", "c2pa.remote", "declared.ai_fields", "declared.prompt", "declared.screen")
_LABELS = {"declared.source_type": "term", "declared.tc260": "label", "declared.vendor": "vendor"}


def main(arguments: Sequence[str]) -> int:
    """Print the table. Exit code 0: nothing is expected of any file."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.corpus_credentials", description=__doc__)
    parser.add_argument("folder", type=a_folder)
    parser.add_argument("--trust", type=a_file, action="append", default=[], metavar="PEM")
    given = parser.parse_args(arguments)
    lists = tuple(_list(path) for path in given.trust)
    counts: Counter[str] = Counter()
    seconds = 0.0
    for path in sorted(each for each in given.folder.rglob("*") if each.is_file()):
        view = _view(path, lists)
        began = time.perf_counter()
        seen = list(_examined(view))
        seconds += time.perf_counter() - began
        counts["files"] += 1
        counts.update(_counted(seen))
        for line in _lines(seen):
            print(f"{visible(str(path.relative_to(given.folder)))}  {line}")
    for name, count in sorted(counts.items()):
        print(f"{count:6d}  {name}")
    print(f"{seconds:.2f} s in both examiners, the metadata's own reading included")
    return 0


def _list(path: Path) -> Loaded:
    data = path.read_bytes()
    material = Material(kind=TRUST_LIST, name=path.name, sha256=sha256(data).hexdigest(), size_bytes=len(data))
    return Loaded(material=material, data=data)


def _view(path: Path, lists: tuple[Loaded, ...]) -> View:
    data = path.read_bytes()
    return View(
        sha256=sha256(data).hexdigest(),
        size_bytes=len(data),
        name=b"",
        source=BytesSource(data=data),
        materials={TRUST_LIST: lists},
    )


def _examined(view: View) -> Iterator[Seen]:
    for examiner in (ContentCredentials(), Declared()):
        try:
            if examiner.accepts(view):
                yield from examiner.examine(view)
        except EvidenceError as error:
            yield Seen(claim=examiner.name, state=State.FAILED, reason=error.message)


def _lines(seen: Sequence[Seen]) -> Iterator[str]:
    for each in seen:
        if each.claim == _STATE and each.state is State.FOUND:
            yield _line(json.loads(each.value))
        elif each.claim == _STATE and each.state is not State.NOTHING:
            yield f"{each.state}: {visible(each.reason)}"


def _line(value: Mapping[str, Any]) -> str:
    stated, codes = value["origin"], (*value["codes"]["failure"], *value["ingredient_failures"])
    words = (
        value["state"] + (", expired only" if value["expired_only"] else ""),
        f"binding {value['binding']}",
        f"fails {', '.join(codes) or 'nothing'}",
        f"states {stated['side']} ({stated['why']})",
        f"signed by {value['signer']}",
    )
    return visible("  ".join(words))


def _counted(seen: Sequence[Seen]) -> Iterator[str]:
    for each in seen:
        if each.state is not State.FOUND:
            yield f"{each.claim}: {each.state}"
        elif each.claim == _STATE:
            value = json.loads(each.value)
            yield f"{_STATE}: {value['state']}{', expired only' if value['expired_only'] else ''}"
            yield f"{_STATE} states: {value['origin']['side']}"
            yield from (f"code {code}" for code in value["codes"]["failure"])
        elif each.claim in _LABELS:
            value = json.loads(each.value)
            yield f"{each.claim}: {value.get(_LABELS[each.claim], 'of a part')}"
        elif each.claim in _CLAIMS:
            yield each.claim


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
