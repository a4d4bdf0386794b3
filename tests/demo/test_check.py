from dataclasses import replace

import pytest

from headwater.demo.check import compare


def _failing(truth, found):
    return {row.check: row for row in compare(truth, found) if not row.holds}


def _row_changed(found, **changes):
    first, *rest = found.items
    return replace(found, items=[first | changes, *rest])


def test_right_findings_hold(truth, right):
    rows = compare(truth, right)
    assert [row for row in rows if not row.holds] == []
    assert all(row.found == row.expected > 0 for row in rows)


def test_a_lost_file_is_missed(truth, right):
    lost, *rest = right.items
    failing = _failing(truth, replace(right, items=rest))
    (row,) = [row for check, row in failing.items() if check.startswith(lost["exhibit"])]
    assert lost["path"] in row.missed[0]
    assert row.surplus == ()


def test_a_file_found_twice_is_surplus(truth, right):
    failing = _failing(truth, replace(right, items=[*right.items, right.items[0]]))
    (row,) = [row for check, row in failing.items() if check.startswith(right.items[0]["exhibit"])]
    assert right.items[0]["path"] in row.surplus[0]


@pytest.mark.parametrize(
    ("column", "value"), [("sha256", "0" * 64), ("size_bytes", 3), ("allocation", "deleted"), ("damaged", True)]
)
def test_a_wrong_column_is_both(truth, right, column, value):
    exhibit = right.items[0]["exhibit"]
    failing = _failing(truth, _row_changed(right, **{column: value}))
    (row,) = [row for check, row in failing.items() if check.startswith(exhibit)]
    assert len(row.missed) == len(row.surplus) == 1


def test_a_wrong_media_type_shows(truth, right):
    assert "media types by content" in _failing(truth, _row_changed(right, media_type="image/gif"))


def test_a_lie_that_is_not_told_shows(truth, right):
    told = [row | {"extension_disagrees": False} for row in right.items]
    row = _failing(truth, replace(right, items=told))["names that lie about their content"]
    assert row.found == 0
    assert row.expected == 4


def test_rows_without_content_are_not_counted(truth, right):
    label = right.items[0] | {"exhibit": "DK-01", "path": "p1/LABEL", "sha256": None, "size_bytes": 0}
    assert _failing(truth, replace(right, items=[*right.items, label | {"kind": "other"}])) == {}
    assert _failing(truth, replace(right, items=[*right.items, label | {"kind": "file"}])) != {}


def test_bombs_are_judged_even_where_nothing_failed(truth, right):
    failing = _failing(truth, replace(right, failures=[]))
    assert failing["bombs stopped at a limit"].found == 0
    assert failing["bombs stopped at a limit"].expected == 2
    assert failing["failures, exactly those planted"].found == 0


def test_a_failure_of_another_kind_or_examiner_is_both(truth, right):
    for column in ("kind", "examiner"):
        changed = [right.failures[0] | {column: "other"}, *right.failures[1:]]
        row = _failing(truth, replace(right, failures=changed))["failures, exactly those planted"]
        assert len(row.missed) == len(row.surplus) == 1


def test_an_unplanted_failure_is_surplus(truth, right):
    more = right.failures[0] | {"path": "Pictures/of nothing.jpg"}
    row = _failing(truth, replace(right, failures=[*right.failures, more]))["failures, exactly those planted"]
    assert row.missed == ()
    assert "Pictures/of nothing.jpg" in row.surplus[0]


def test_a_bomb_read_to_its_end_is_surplus(truth, right):
    bomb = {**right.items[0], "exhibit": truth.refused[0].exhibit, "path": truth.refused[0].path}
    assert _failing(truth, replace(right, items=[*right.items, bomb | {"sha256": None}])) == {}
    assert _failing(truth, replace(right, items=[*right.items, bomb | {"sha256": "1" * 64}])) != {}


def test_an_examiner_that_fails_on_every_picture_shows(truth, right):
    failing = _failing(truth, replace(right, fingerprints={}))
    assert failing["pictures fingerprinted as their pixels say"].found == 0
    assert failing["near copies within 31 bits"].found == 0


def test_a_wrong_hash_shows(truth, right):
    digest = next(one.sha256 for one in truth.pictures if one.pdq)
    wrong = {**right.fingerprints, digest: (100, ["0" * 64] * 8)}
    row = _failing(truth, replace(right, fingerprints=wrong))["pictures fingerprinted as their pixels say"]
    assert row.missed == (digest,)


def test_a_pair_that_is_made_up_shows(truth, right):
    one, other = [digest for digest, (quality, _) in right.fingerprints.items() if quality > 50][:2]
    wrong = {**right.fingerprints, other: right.fingerprints[one]}
    assert "near copies within 31 bits" in _failing(truth, replace(right, fingerprints=wrong))


def test_a_preview_that_is_lost_or_made_up_or_judged_otherwise_shows(truth, right):
    first, *rest = right.embedded
    assert _failing(truth, replace(right, embedded=rest))["pictures inside pictures"].surplus == ()
    more = first | {"embedded_sha256": "1" * 64}
    assert _failing(truth, replace(right, embedded=[*right.embedded, more]))["pictures inside pictures"].missed == ()
    judged = [first | {"same": "no" if first["same"] == "yes" else "yes"}, *rest]
    row = _failing(truth, replace(right, embedded=judged))["pictures inside pictures"]
    assert len(row.missed) == len(row.surplus) == 1


def test_a_broken_seal_shows_and_so_does_none(truth, right):
    broken = _failing(truth, replace(right, seals={"parts": ("part-1: changed",)}))
    assert broken["seals of custody, parts and report"].missed == ("parts: part-1: changed",)
    assert "seals of custody, parts and report" in _failing(truth, replace(right, seals={}))


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"grade": "camera", "strength": "verified"}, "origins by grade, strength and rule"),
        ({"rule": "T1"}, "origins by grade, strength and rule"),
        ({"k": 2}, "carriers, and what was not seen"),
        ({"f": 2}, "carriers, and what was not seen"),
    ],
)
def test_another_origin_shows(truth, right, change, check):
    first = truth.origins[0].sha256
    origins = {**right.origins, first: {**right.origins[first], **change}}
    (row,) = _failing(truth, replace(right, origins=origins)).values()
    assert (row.check, len(row.missed), len(row.surplus)) == (check, 1, 1)


def test_origins_are_not_compared_where_their_examiners_are_not_there(truth, right):
    checks = [row.check for row in compare(truth, replace(right, origins={}))]
    assert not any("origin" in check for check in checks)


def test_a_known_file_that_was_not_found_is_missed_and_an_invented_one_surplus(truth, right):
    exact = next(row for row in right.matches if row["kind"] == "sha1")
    failing = _failing(truth, replace(right, matches=[row for row in right.matches if row is not exact]))
    assert exact["record"] in failing["known files by digest"].missed[0]
    wrong = [*right.matches, {**exact, "category": "9"}]
    assert len(_failing(truth, replace(right, matches=wrong))["known files by digest"].surplus) == 1


def test_a_known_picture_farther_than_it_is_does_not_count(truth, right):
    near = next(row for row in right.matches if row["kind"] == "pdq" and row["distance_bits"] == 0)
    farther = [{**row, "distance_bits": 9} if row is near else row for row in right.matches]
    assert len(_failing(truth, replace(right, matches=farther))["known pictures by look"].missed) == 1


def test_a_stranger_near_a_known_picture_is_surplus(truth, right):
    kin = {member for group in truth.groups for member in group.members}
    kin |= {each for one in truth.near_duplicates for each in (one.original_sha256, one.derived_sha256)}
    stranger = next(one.sha256 for one in truth.pictures if one.sha256 not in kin)
    through = [{**row, "sha256": stranger} if row["through"] else row for row in right.matches]
    (row,) = _failing(truth, replace(right, matches=through)).values()
    assert row.check.startswith("near a known picture by a part")
    joined = [{**right.groups[0], "sha256": stranger, "is_medoid": False}, *right.groups]
    (row,) = _failing(truth, replace(right, groups=joined)).values()
    assert row.check == "groups hold relatives only"


def test_a_copy_outside_the_group_is_missed(truth, right):
    copy = next(one.derived_sha256 for one in truth.near_duplicates if one.change == "mirrored")
    apart = [{**row, "group": "x", "is_medoid": True} if row["sha256"] == copy else row for row in right.groups]
    (row,) = _failing(truth, replace(right, groups=apart)).values()
    assert "mirrored" in row.missed[0]
