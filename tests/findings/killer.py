"""Commits one unit again and again, each time in a process that dies at another call of the operating system.

Run by test_parts.py with a scratch folder; prints one JSON list of what became of each case.
"""

import json
import os
import sys
from pathlib import Path

from headwater.findings.parts import PartStore
from headwater.findings.schema import SCHEMAS, table
from headwater.seal.chain import Chain

KILLED = 9
CALLS = ("open", "write", "fchmod", "fsync", "rename", "unlink", "ftruncate")
TABLES = {
    "failures": table("failures", {name: ["x"] for name in SCHEMAS["failures"].names}),
    "sources": table(
        "sources", {field.name: [1 if field.name == "size_bytes" else ""] for field in SCHEMAS["sources"]}
    ),
}


def arm(fatal, when):
    """Die at the `fatal`-th call: before it, after it, or (a write) halfway through it."""
    made = 0

    def armed(real, name):
        def call(*arguments, **named):
            nonlocal made
            made += 1
            if made != fatal:
                return real(*arguments, **named)
            if when == "half" and name == "write":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            elif when == "after":
                try:
                    real(*arguments, **named)
                finally:
                    os._exit(KILLED)
            return os._exit(KILLED)

        return call

    for name in CALLS:
        setattr(os, name, armed(getattr(os, name), name))
    return lambda: made


def work(folder, fatal, when):
    """Do the unit's work if it is not done. Ends with 100 and the number of calls, or 0 where nothing was to do."""
    store = PartStore(folder, Chain(folder.parent / "custody.jsonl"))
    if "u1" in store.committed():
        return 0
    made = arm(fatal, when)
    store.commit("u1", TABLES)
    return 100 + made()


def in_child(folder, fatal, when):
    child = os.fork()
    if not child:
        os._exit(work(folder, fatal, when))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(scratch):
    steps = in_child(scratch / "dry" / "set", 0, "") - 100
    cases = []
    for fatal in range(1, steps + 1):
        for when in ("before", "half", "after"):
            folder = scratch / f"{fatal}-{when}" / "set"
            killed = in_child(folder, fatal, when) == KILLED
            first = in_child(folder, 0, "")
            again = in_child(folder, 0, "")
            cases.append({"folder": str(folder), "killed": killed, "work_left": first >= 100, "resumed": again})
    print(json.dumps(cases))  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    main(Path(sys.argv[1]))
