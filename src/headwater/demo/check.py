"""What was found, beside what is true. A row holds only where nothing is missed and nothing was made up."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from headwater.demo.check_row import CheckRow, counted
from headwater.demo.check_upstream import upstream_rows
from headwater.demo.kin import Kin, within
from headwater.demo.sight import DISTANCE_MAX, QUALITY_MIN
from headwater.demo.truth import FileTruth, MatchTruth, Truth

Row = Mapping[str, object]
_OTHER = "shows another picture"
_VERDICT, _BESIDE = ("grade", "strength", "rule"), ("k", "f")
_COPIES = frozenset({"reencoded", "mirrored", "bordered", "cropped"})  # what is cut off may look like nothing else
_OPEN_TIER = 3  # some need which account uploaded what
BOMBS, FAILURES = "bombs stopped at a limit", "failures, exactly those planted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an examination came to.

    items: rows with exhibit, path, sha256, size_bytes, allocation, damaged, media_type, extension_disagrees and kind.
    failures: rows with exhibit, path, examiner and kind. fingerprints: for each picture's SHA-256 its PDQ quality, and
    the hashes of its eight variants. embedded: for each picture inside one, the SHA-256 of both, and whether it
    was said to show the same (same: yes, no, cannot say). seals: what was checked, and what does not hold of it.
    upstream: rows as the table has them, items as ``exhibit sha256``; none where it was not followed.
    matches: rows as the table has them. groups: of the visual ones, rows with group, sha256, is_medoid and variant.
    origins: by SHA-256 the grade, strength, rule, k and f of each; empty where examiners that they need are not there:
    then none is compared. tiers: of the queue, by SHA-256; likewise.
    """

    items: Sequence[Row]
    failures: Sequence[Row]
    fingerprints: Mapping[str, tuple[int, Sequence[str]]]
    embedded: Sequence[Row] = ()
    seals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origins: Mapping[str, Row] = field(default_factory=dict)
    tiers: Mapping[str, int] = field(default_factory=dict)
    matches: Sequence[Row] = ()
    groups: Sequence[Row] = ()
    upstream: Sequence[Row] | None = None


def compare(truth: Truth, found: Found) -> list[CheckRow]:
    """Hold everything that was found against the truth."""
    stopped = {(one.exhibit, one.path) for one in truth.refused}
    items = [row for row in found.items if _counts(row) and not _is_stopped(row, stopped)]
    keys = [_spelled(row) for row in items]
    rows = [_files(truth, exhibit, keys) for exhibit in truth.exhibits]
    rows.append(counted("deleted files", _places(truth, "deleted"), [key[:3] for key in keys if key[4] == "deleted"]))
    rows.append(counted("damaged files", _places(truth, "damaged"), [key[:3] for key in keys if key[5]]))
    rows.append(counted("media types by content", _types(truth.files), [_type(row) for row in items if _judged(row)]))
    rows.append(counted("names that lie about their content", _lies(truth.files), list(_found_lies(items))))
    rows.append(_bombs(truth, found))
    rows.append(_failures(truth, found))
    rows.append(_fingerprinted(truth, found))
    rows.append(_near(truth, found))
    rows.append(_embedded(truth, found))
    rows += [_known_by_digest(truth, found), _known_by_look(truth, found), _related(truth, found)]
    rows += [_grouped(truth, found), _groups_of_relatives(truth, found)]
    rows.extend(_origins(truth, found) if found.origins else ())
    rows.extend(_tiers(truth, found) if found.tiers else ())
    rows.extend(upstream_rows(truth, found.upstream) if found.upstream is not None else ())
    rows.append(_sealed(found))
    return rows


Key = tuple[str, str, str, int, str, bool]


def _spelled(row: Row) -> Key:
    size = row["size_bytes"]
    return (
        str(row["exhibit"]), str(row["path"]), str(row["sha256"] or ""), -1 if size is None else int(str(size)),
        str(row["allocation"]), bool(row["damaged"]),
    )  # fmt: skip


def _counts(row: Row) -> bool:
    """Only files and streams have content; a volume label or a device node has none."""
    return str(row.get("kind", "file")) in {"file", "stream"}


def _is_stopped(row: Row, stopped: set[tuple[str, str]]) -> bool:
    """Tell a member that was listed but never read to its end, because it must not be."""
    return not row["sha256"] and (str(row["exhibit"]), str(row["path"])) in stopped


def _key(file: FileTruth) -> Key:
    return (file.exhibit, file.path, file.sha256, file.size_bytes, file.allocation, file.damaged)


def _files(truth: Truth, exhibit: str, items: list[Key]) -> CheckRow:
    return counted(
        f"{exhibit}: every file once, with path, digest, size and state",
        [_key(file) for file in truth.files if file.exhibit == exhibit],
        [key for key in items if key[0] == exhibit],
    )


def _places(truth: Truth, state: str) -> list[Hashable]:
    return [
        _key(file)[:3] for file in truth.files if (file.damaged if state == "damaged" else file.allocation == state)
    ]


def _types(files: Iterable[FileTruth]) -> list[Hashable]:
    return [(one.exhibit, one.path, one.media_type) for one in files if _is_judged(one.media_type)]


def _is_judged(media_type: str) -> bool:
    """What a text is called is a matter of taste."""
    return bool(media_type) and not media_type.startswith("text/") and media_type != "application/json"


def _judged(row: Row) -> bool:
    return _is_judged(str(row["media_type"] or ""))


def _type(row: Row) -> Hashable:
    return (str(row["exhibit"]), str(row["path"]), str(row["media_type"]))


def _lies(files: Iterable[FileTruth]) -> list[Hashable]:
    return [(one.exhibit, one.path) for one in files if one.lies]


def _found_lies(items: Iterable[Row]) -> Iterable[Hashable]:
    return ((str(row["exhibit"]), str(row["path"])) for row in items if row["extension_disagrees"])


def _bombs(truth: Truth, found: Found) -> CheckRow:
    """Check the refusals: a failure must name the member itself or the archive that holds it."""
    missed = tuple(
        f"{one.exhibit} {one.path}"
        for one in truth.refused
        if not any(_names(one.exhibit, one.path, one.kind, row) for row in found.failures)
    )
    expected = len(truth.refused)
    return CheckRow(check=BOMBS, expected=expected, found=expected - len(missed), missed=missed)


def _names(exhibit: str, path: str, kind: str, failure: Row) -> bool:
    named = str(failure["path"])
    return (path == named or path.startswith(f"{named}/")) and (kind, exhibit) == (failure["kind"], failure["exhibit"])


def _failures(truth: Truth, found: Found) -> CheckRow:
    return counted(
        FAILURES,
        [(one.exhibit, one.path, one.examiner, one.kind) for one in truth.failures],
        [tuple(str(row[name]) for name in ("exhibit", "path", "examiner", "kind")) for row in found.failures],
    )


def _fingerprinted(truth: Truth, found: Found) -> CheckRow:
    """Every picture that decodes has the very hash that its pixels give; of one cut off, some hash."""
    expected = {one.sha256: one for one in truth.pictures if one.decodes != "failed"}
    good = {
        digest
        for digest, one in expected.items()
        if digest in found.fingerprints and one.pdq in {"", found.fingerprints[digest][1][0]}
    }
    return CheckRow(
        check="pictures fingerprinted as their pixels say",
        expected=len(expected),
        found=len(good),
        missed=tuple(sorted(set(expected) - good)),
        surplus=tuple(sorted(set(found.fingerprints) - set(expected))),
    )


def _near(truth: Truth, found: Found) -> CheckRow:
    """By the found hashes: every planted pair within 31 bits, and no other one. What was cut off is left aside."""
    whole = {one.sha256 for one in truth.pictures if one.pdq}
    hashes = {
        digest: [int(text, 16) for text in texts]
        for digest, (quality, texts) in found.fingerprints.items()
        if quality >= QUALITY_MIN and digest in whole
    }
    pairs = {
        frozenset((one, other))
        for one, variants in hashes.items()
        for other, texts in hashes.items()
        if one < other and min((variants[0] ^ text).bit_count() for text in texts) <= DISTANCE_MAX
    }
    return counted("near copies within 31 bits", map(_pair, within(truth.near_duplicates)), map(_pair, pairs))


def _embedded(truth: Truth, found: Found) -> CheckRow:
    """Every preview once, by content, and those that show another picture said to do so."""
    planted = {
        (one.sha256, one.embedded_sha256, _OTHER * (not one.embedded_is_same))
        for one in truth.pictures
        if one.embedded_sha256
    }
    seen = {(str(row["sha256"]), str(row["embedded_sha256"]), _OTHER * (row["same"] == "no")) for row in found.embedded}
    return counted("pictures inside pictures", planted, seen)


def _pair(pair: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(pair))


def _origins(truth: Truth, found: Found) -> Iterable[CheckRow]:
    """Each picture's grade, strength and rule; then which are carriers of another, or could not be seen whole."""
    for check, names in (
        ("origins by grade, strength and rule", _VERDICT),
        ("carriers, and what was not seen", _BESIDE),
    ):
        yield counted(
            check,
            [(one.sha256, *(str(getattr(one, name)) for name in names)) for one in truth.origins],
            [
                (one.sha256, *(str(found.origins[one.sha256][name]) for name in names))
                for one in truth.origins
                if one.sha256 in found.origins
            ],
        )


def _tiers(truth: Truth, found: Found) -> list[CheckRow]:
    """The tier of every picture in the queue; of one that only its upload places, where an upload was recognised."""
    told = {one.sha256 for one in truth.queue if one.tier != _OPEN_TIER}
    told |= {digest for digest, tier in found.tiers.items() if tier == _OPEN_TIER}
    expected = {one.sha256: one.tier for one in truth.queue if one.sha256 in told}
    seen = {digest: found.tiers[digest] for digest in expected if digest in found.tiers}
    return [counted("tiers of the queue", expected.items(), seen.items())]


def _known_by_digest(truth: Truth, found: Found) -> CheckRow:
    """Every content that a record of a set knows by digest, with category, scheme and verdict; and no other."""
    names = ("sha256", "set", "record", "kind", "category", "scheme", "verdict")
    planted = [tuple(_told(one, name) for name in names) for one in truth.matches if one.kind != "pdq"]
    seen = [tuple(str(row[name]) for name in names) for row in found.matches if row["kind"] != "pdq"]
    return counted("known files by digest", planted, seen)


def _told(one: MatchTruth, name: str) -> str:
    value = str(getattr(one, name))
    return value or ("none" if name == "scheme" else "")


def _known_by_look(truth: Truth, found: Found) -> CheckRow:
    """Every file within reach of a hash of a list; as near as the truth says, or nearer by a copy turned in pixels."""
    planted = {(one.sha256, one.set, one.record): one.distance_bits for one in truth.matches if one.kind == "pdq"}
    files = {one.sha256 for one in truth.files}
    seen = {
        (str(row["sha256"]), str(row["set"]), str(row["record"])): int(str(row["distance_bits"]))
        for row in found.matches
        if row["kind"] == "pdq" and not row["through"] and _of_wholes(row) and row["sha256"] in files
    }
    nearer = [key for key, bits in seen.items() if bits <= planted.get(key, DISTANCE_MAX)]
    return counted("known pictures by look", [*planted], nearer)


def _of_wholes(row: Row) -> bool:
    """Whether two wholes fit: the truth knows of no other way."""
    return "," not in str(row["variant"])


def _related(truth: Truth, found: Found) -> CheckRow:
    """What is near a known picture by a part or through another one must be a relative of it, or alike by chance."""
    kin = Kin(truth)
    listed = {(one.set, one.record): one.sha256 for one in truth.matches if one.kind == "pdq" and not one.distance_bits}
    rows = [row for row in found.matches if row["kind"] == "pdq" and (row["through"] or not _of_wholes(row))]
    wrong = tuple(
        f"{str(row['sha256'])[:12]} {row['set']} {row['record']}: {row['variant']}"
        for row in rows
        if not kin.are_related(
            str(row["sha256"]), str(row["through"]) or listed.get((str(row["set"]), str(row["record"])), "")
        )
    )
    return CheckRow(
        check="near a known picture by a part or through another: relatives only",
        expected=len(rows), found=len(rows) - len(wrong), surplus=wrong,
    )  # fmt: skip


def _grouped(truth: Truth, found: Found) -> CheckRow:
    """Every copy stands in the group of its original. What a generator drew anew from it is another picture."""
    group_of = {str(row["sha256"]): str(row["group"]) for row in found.groups}
    planted = [
        (one.original_sha256, one.derived_sha256, one.change)
        for one in truth.near_duplicates
        if one.change in _COPIES and {one.original_sha256, one.derived_sha256} <= group_of.keys()
    ]
    seen = [each for each in planted if group_of[each[0]] == group_of[each[1]]]
    return counted("copies in the group of what they are copies of", planted, seen)


def _groups_of_relatives(truth: Truth, found: Found) -> CheckRow:
    """No group holds a picture that is no relative of its medoid."""
    kin = Kin(truth)
    medoids = {str(row["group"]): str(row["sha256"]) for row in found.groups if row["is_medoid"]}
    joined = [row for row in found.groups if not row["is_medoid"]]
    wrong = tuple(
        f"{str(row['sha256'])[:12]} with {medoids[str(row['group'])][:12]}: {row['variant']}"
        for row in joined
        if not kin.are_related(str(row["sha256"]), medoids[str(row["group"])])
    )
    return CheckRow(
        check="groups hold relatives only", expected=len(joined), found=len(joined) - len(wrong), surplus=wrong
    )


def _sealed(found: Found) -> CheckRow:
    broken = {name: problems for name, problems in found.seals.items() if problems}
    return CheckRow(
        check="seals of custody, parts and report",
        expected=len(found.seals),
        found=len(found.seals) - len(broken),
        missed=tuple(f"{name}: {problem}" for name, problems in broken.items() for problem in problems)
        or (() if found.seals else ("nothing is sealed",)),
    )
