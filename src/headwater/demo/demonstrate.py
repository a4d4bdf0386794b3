"""Builds Springhead, runs every step on it, and holds what was found against what is true."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headwater.demo.check import Found, compare
from headwater.demo.check_row import CheckRow
from headwater.demo.sizes import Size
from headwater.demo.springhead import build_springhead
from headwater.demo.story import heard
from headwater.demo.truth import SetTruth
from headwater.findings.views import connect
from headwater.match.schemes import NONE
from headwater.model.errors import WrongUse
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, Role
from headwater.steps import run as steps
from headwater.steps.conclude import conclude
from headwater.steps.ingest import Listener
from headwater.steps.known import add_set
from headwater.steps.known_build import Source
from headwater.steps.known_checks import check_known_sets
from headwater.steps.report import write_report
from headwater.steps.seals import check_of, check_seals
from headwater.steps.summary import Summary, summarise
from headwater.steps.verify import check_report
from headwater.steps.workspace import Workspace

_ITEMS = """
SELECT exhibit, path, sha256, coalesce(size_bytes, bytes_read) AS size_bytes, allocation, damaged, media_type,
  extension_disagrees, kind
FROM items
"""
_FAILURES = "SELECT exhibit, path, examiner, kind FROM failures"
_FINGERPRINTS = """
SELECT sha256, any_value(value) FILTER (claim = 'perceptual.pdq_quality') AS quality,
  any_value(value) FILTER (claim = 'perceptual.pdq_dihedral') AS hashes
FROM findings WHERE state = 'found' AND claim IN ('perceptual.pdq_quality', 'perceptual.pdq_dihedral')
  AND sha256 IN (SELECT sha256 FROM file_contents)
GROUP BY sha256
"""
_EMBEDDED = """
SELECT DISTINCT p.sha256, i.sha256 AS embedded_sha256, json_extract_string(f.value, '$.same') AS same
FROM items i JOIN items p ON p.item = i.parent_item LEFT JOIN findings f
  ON f.sha256 = p.sha256 AND f.claim = 'embedded.compared' AND json_extract_string(f.value, '$.sha256') = i.sha256
WHERE i.kind = 'embedded'
"""


_FORMS = {"vics-2.0": "vics", "icse-csv": "icse", "pdq-list": "pdq", "nsrl-rdsv3": "nsrl"}
_ORIGINS = "SELECT sha256, grade, strength, rule, k, f FROM origins"
_TIERS = "SELECT sha256, tier FROM queue"
_MATCHES = """
SELECT sha256, "set", record, kind, distance_bits, variant, category, scheme, verdict, through, set_aside FROM matches
"""
_GROUPS = "SELECT \"group\", sha256, is_medoid, variant FROM groups WHERE kind = 'visual'"
_UPSTREAM = """
SELECT u.edge, u.strength, coalesce(s.exhibit || ' ' || s.sha256, u.source) AS source,
  coalesce(t.exhibit || ' ' || t.sha256, u.target) AS target
FROM upstream u LEFT JOIN items s ON u.source = 'item:' || s.item LEFT JOIN items t ON u.target = 'item:' || t.item
"""
_WEIGHED_BY = frozenset({"generators", "declared", "camera", "models", "previews"})  # what the origins hang on


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the demo did."""

    workspace: Path
    report: Path
    summary: Summary
    checks: tuple[CheckRow, ...]


def demonstrate(folder: Path, seed: int, listener: Listener, *, unsafe: bool, size: Size | None = None) -> Outcome:
    """Build into `folder`, run in `folder`/workspace. Raises WrongUse where something is in the way."""
    if folder.exists() and any(folder.iterdir()):
        raise WrongUse(
            f"{folder} is not empty", next_step="Name a folder that is not there yet: headwater demo ANOTHER"
        )
    listener.begin("build")
    with heard(partial(_one_more, listener)):
        truth = build_springhead(folder, seed, size)
    listener.end()
    with Workspace.init(folder / "workspace", truth.operation) as workspace:
        for each in truth.sets.values():
            add_set(workspace, _source(folder, each), listener, unsafe=unsafe)
        known = []
        with steps.begin_work(workspace, listener, "demo", unsafe=unsafe) as pool:
            for reference, exhibit in truth.exhibits.items():
                evidence = [folder / exhibit.path]
                outcomes = steps.run(workspace, pool, evidence, listener, exhibit=reference, country=exhibit.country)
                steps.raise_if_changed(outcomes)
                known += [outcome.known for outcome in outcomes]
        conclude(workspace, listener, unsafe=unsafe)
        report = write_report(workspace)
        return Outcome(
            workspace=workspace.folder,
            report=report,
            summary=summarise(workspace, known),
            checks=tuple(compare(truth, read_back(workspace))),
        )


def _source(folder: Path, told: SetTruth) -> Source:
    path = folder / told.path
    form = _FORMS[told.form]
    return Source(
        path=path, form=form, name=path.name, scheme=told.scheme or NONE,
        role=Role.HARMLESS if form == "nsrl" else Role.KNOWN, radius_bits=RADIUS_BITS, quality_min=QUALITY_MIN,
        about="invented for the demo",
    )  # fmt: skip


def _one_more(listener: Listener) -> None:
    listener.more(1)
    listener.tick()


def read_back(workspace: Workspace) -> Found:
    """Read what was found from what is sealed, and check the seals."""
    connection = connect(workspace.folder)
    try:
        items = connection.sql(_ITEMS).to_arrow_table().to_pylist()
        failures = connection.sql(_FAILURES).to_arrow_table().to_pylist()
        hashes = connection.sql(_FINGERPRINTS).fetchall()
        embedded = connection.sql(_EMBEDDED).to_arrow_table().to_pylist()
        tiers = dict(connection.sql(_TIERS).fetchall())
        matches = connection.sql(_MATCHES).to_arrow_table().to_pylist()
        groups = connection.sql(_GROUPS).to_arrow_table().to_pylist()
        upstream = connection.sql(_UPSTREAM).to_arrow_table().to_pylist()
        origins = connection.sql(_ORIGINS).to_arrow_table().to_pylist()
    finally:
        connection.close()
    custody = workspace.verify_custody()
    checks = (
        check_of(custody),
        *check_seals(workspace, custody),
        *check_known_sets(workspace, custody),
        *check_report(workspace),
    )
    is_weighed = set(workspace.settings.examiners) >= _WEIGHED_BY
    return Found(
        items=items,
        failures=failures,
        fingerprints={digest: (int(quality), json.loads(texts)) for digest, quality, texts in hashes},
        embedded=embedded,
        matches=matches,
        groups=groups,
        tiers=tiers if is_weighed else {},
        origins={row["sha256"]: row for row in origins} if is_weighed else {},
        upstream=upstream if is_weighed and "producer" in workspace.settings.examiners else None,
        seals={f"{check.what} {check.name}": check.problems for check in checks},
    )
