"""PhotoDNA through a plug-in, with a stand-in that compares light: made in real workers, matched by a real set."""

import base64
from contextlib import closing
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from tests.stand_in import StandIn

from headwater.findings.views import connect
from headwater.model.errors import HeadwaterError, MissingDependency, WrongUse
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, Role
from headwater.steps.conclude import conclude
from headwater.steps.known import add_set
from headwater.steps.known_build import Source
from headwater.steps.match import match
from headwater.steps.report_known import known_counts
from headwater.steps.workspace import Workspace

from .conftest import Listening, Operation


@pytest.fixture
def stand_in():
    with StandIn() as one:
        yield one


def lighthouse(number):
    """A tower by the sea, at a place and in a light of its own."""
    rng = np.random.default_rng(number)
    picture = np.full((240, 240, 3), rng.integers(60, 200), np.uint8)
    picture[160:] = rng.integers(0, 90)
    left = int(rng.integers(10, 190))
    picture[40:200, left : left + 40] = rng.integers(200, 255)
    return Image.fromarray(picture)


def png(picture):
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def value(number):
    fields = np.asarray(lighthouse(number)).mean(axis=2).reshape(12, 20, 12, 20).mean(axis=(1, 3))
    return fields.astype(np.uint8).tobytes()


@pytest.fixture
def seized(tmp_path):
    folder = tmp_path / "phone"
    folder.mkdir()
    for number in range(4):
        (folder / f"tower{number}.png").write_bytes(png(lighthouse(number)))
    smaller = BytesIO()
    lighthouse(0).resize((180, 180)).save(smaller, "JPEG", quality=60)
    (folder / "smaller.jpg").write_bytes(smaller.getvalue())
    (folder / "dot.png").write_bytes(png(Image.new("RGB", (6, 6), (90, 90, 90))))
    return folder


class Agency(Operation):
    def __init__(self, folder, digest):
        super().__init__(folder, workers=1, **({"photodna": f'"{digest}"'} if digest else {}))

    def add(self, text, name="agency", role=Role.KNOWN):
        path = self.folder.parent / "agency.csv"
        path.write_text(text)
        source = Source(path=path, form="csv", name=name, scheme="local:lab", role=role,
                        radius_bits=RADIUS_BITS, quality_min=QUALITY_MIN)  # fmt: skip
        with Workspace.open(self.folder) as workspace:
            return add_set(workspace, source, Listening(), unsafe=False)

    def match(self):
        with Workspace.open(self.folder) as workspace:
            return match(workspace, Listening(), unsafe=False)

    def known(self):
        with Workspace.open(self.folder) as workspace, closing(connect(self.folder)) as connection:
            return known_counts(workspace, connection)

    def matches(self):
        query = "SELECT path, record, kind, rule FROM matches JOIN (SELECT sha256, path FROM items) USING (sha256)"
        return sorted(self.rows(query))

    def values(self):
        query = """SELECT path, state, value FROM findings JOIN (SELECT sha256, path FROM items) USING (sha256)
                   WHERE claim = 'photodna.value'"""
        return self.rows(query)


SET = (
    "id,photodna,category\n"
    f"k0,{base64.b64encode(value(0)).decode()},2\n"
    f"k2,{value(2).hex()},1\n"
    f"bad,{value(1).hex()[2:]},1\n"
    f"nothing,{bytes(144).hex()},1\n"
)


def test_a_plugin_makes_values_and_matches_them(stand_in, seized, tmp_path):
    agency = Agency(tmp_path / "operation", stand_in.digest)
    agency.run(seized)
    told = {path: (state, text) for path, state, text in agency.values()}
    assert told["tower1.png"] == ("found", value(1).hex())
    assert told["dot.png"][0] == "nothing"
    added = agency.add(SET)
    assert added.known.records == 2
    assert [(each.line, each.key, each.field) for each in added.refused] == [
        (4, "bad", "photodna"),
        (5, "nothing", "photodna"),
    ]
    assert agency.match().matches == 3
    rows = agency.matches()
    assert [row[:3] for row in rows] == [
        ("smaller.jpg", "k0", "photodna"), ("tower0.png", "k0", "photodna"), ("tower2.png", "k2", "photodna"),
    ]  # fmt: skip
    larger = SET + "".join(f"m{number},{np.random.default_rng(number).bytes(144).hex()},1\n" for number in range(40))
    agency.add(larger, name="larger")  # asked after the smaller one: its worker has no room for it
    assert agency.match().matches == 6
    rows = [row for row in agency.matches() if row[1] in {"k0", "k2"}]
    assert [row[:2] for row in rows[::2]] == [row[:2] for row in rows[1::2]]
    rule = f"of 600 that count, by the plug-in lighthouse_look 1.0 ({stand_in.digest[:16]})"
    assert all(row[3].endswith(rule) for row in rows)
    assert rows[2][3].startswith("PhotoDNA at a distance of 0, ")
    assert not agency.match().is_new
    assert agency.problems() == []


def test_what_looks_alike_by_the_plugin_is_known_by_no_digest(stand_in, seized, tmp_path):
    """It leaves no queue, as harmless or as known; it may only come to the front, by its open series."""
    agency = Agency(tmp_path / "operation", stand_in.digest)
    agency.run(seized)
    agency.add(f"id,photodna,category\nk1,{value(1).hex()},2\n", name="stock", role=Role.HARMLESS)
    agency.add(
        f"id,photodna,category,series,victim identified\nk0,{value(0).hex()},2,coast,no\nk2,{value(2).hex()},1,,\n"
    )
    with Workspace.open(agency.folder) as workspace:
        conclude(workspace, Listening(), unsafe=False)
    query = "SELECT path, tier, reason FROM queue JOIN (SELECT sha256, path FROM items) USING (sha256)"
    found = {path: (tier, reason) for path, tier, reason in agency.rows(query)}
    assert [found[name][0] for name in ("tower0.png", "smaller.jpg")] == [2, 2]
    assert "by photodna" in found["tower0.png"][1]
    assert {found[f"tower{number}.png"][0] for number in (1, 2, 3)} == {4}
    counts = agency.known()
    assert (counts.by_digest, counts.near, counts.harmless) == (0, 3, 0)


def test_without_its_digest_an_installed_plugin_does_nothing(stand_in, seized, tmp_path):
    canary = tmp_path / "loaded"
    stand_in.install(at_import=f"open({str(canary)!r}, 'w').close()")
    agency = Agency(tmp_path / "operation", "")
    agency.run(seized)
    agency.add(SET)
    agency.match()
    assert (agency.values(), agency.matches(), canary.exists()) == ([], [], False)


def test_a_plugin_that_changed_ends_the_work_before_it_begins(stand_in, seized, tmp_path):
    agency = Agency(tmp_path / "operation", stand_in.digest)
    stand_in.install(at_import="# another")
    with pytest.raises(WrongUse, match=r"is not the one that headwater\.toml names"):
        agency.run(seized)
    stand_in.remove()
    with pytest.raises(MissingDependency, match="none is installed"):
        agency.run(seized)
    assert agency.rows("SELECT * FROM items") == []


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ("import socket; socket.socket()", "PermissionError"),
        ("open('/etc/hostname')", "PermissionError|FileNotFoundError|OSError"),
        ("return b'short'", "gave no value of 144 bytes"),
        ("raise KeyError('a fault of its own')", "a fault of its own"),
    ],
)
def test_what_a_plugin_may_not_do_is_a_failure_of_the_picture_and_the_run_goes_on(stand_in, seized, tmp_path, act, why):
    stand_in.install(in_value=f"if len(colours) > 1:\n            {act}")  # not for the example before the jail
    agency = Agency(tmp_path / "operation", stand_in.digest)
    agency.run(seized)
    told = agency.rows("SELECT path, message FROM failures WHERE examiner = 'photodna'")
    assert {path for path, _ in told} == {path.name for path in seized.iterdir()}
    assert all(any(part in message for part in why.split("|")) for _, message in told)
    assert agency.rows("SELECT count(DISTINCT sha256) FROM findings WHERE claim = 'perceptual.pdq'") == [(6,)]


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ("yield [0], [9], [1]; return", "a pair that cannot be"),
        ("yield [0], [0], [601]; return", "a pair that cannot be"),
        ("yield [0], [0, 1], [5]; return", "gave no pairs"),
        ("yield ['a'], [0], [5]; return", "gave no pairs"),
        ("raise ValueError('a fault of its own')", "ValueError: a fault of its own"),
        ("import socket; socket.socket()", "denied|not permitted|imported inside"),
    ],
)
def test_what_a_plugin_says_is_not_believed_unseen(stand_in, seized, tmp_path, act, why):
    stand_in.install(in_near=f"if len(asked) != 2:\n            {act}")
    agency = Agency(tmp_path / "operation", stand_in.digest)
    agency.run(seized)
    agency.add(SET)
    with pytest.raises(HeadwaterError, match=why):
        agency.match()
