"""A listing that is interrupted goes on where it stopped, once, or says that the evidence is another."""

import shutil
import zipfile
from collections import Counter
from dataclasses import dataclass, replace

import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.examine.messages import Done, InnerRefusal, Listed, Opened, pack, unpack_for_broker
from headwater.findings.parts import PartStore
from headwater.model.errors import DoesNotVerify, EvidenceError
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Layer, Locator
from headwater.seal.chain import Chain
from headwater.steps.exhibits import SOURCE_LISTED, admit, known_sources, state
from headwater.steps.ingest import list_source
from headwater.steps.listing import ListJob, UnitWriter
from headwater.steps.run import reading_limits
from headwater.steps.runner import Loss, OpenSource
from headwater.steps.sources import close_source_files, open_source_files, resolve
from headwater.steps.workspace import Workspace


def entry(name):
    return Entry(locator=Locator(layers=(Layer(kind="zip", name=name.encode(), address="1"),)), size_bytes=5)


def refusal(name):
    locator = Locator(layers=(Layer(kind="zip", name=name.encode(), address="1"),))
    return Refusal(locator=locator, kind="encrypted", message="a key is needed")


@dataclass
class Place:
    """A folder of parts that writers fill, one after another."""

    store: PartStore

    def writer(self, items, **more):
        return UnitWriter(
            exhibit="T-1",
            source="coast.zip",
            prefix="s000-",
            store=self.store,
            unit_items=items,
            unit_bytes=1 << 30,
            listed=lambda count: None,
            **more,
        )

    def job(self, items=3):
        limits = None
        source = OpenSource(source="coast.zip", segments=(), descriptors=(), limits=limits)
        return ListJob(source=source, writer_for=lambda: self.writer(items))

    def rows(self, table, column):

        parts = sorted(self.store.folder.glob(f"part-s000-*-{table}.parquet"))
        return [value for part in parts for value in pq.read_table(part, columns=[column])[column].to_pylist()]


@pytest.fixture
def place(tmp_path):
    with PartStore(tmp_path / "items", Chain(tmp_path / "custody.jsonl")) as store:
        yield Place(store)


def feed(writer, things):
    for thing in things:
        (writer.take if isinstance(thing, Entry) else writer.refuse)(thing)


@settings(max_examples=60)
@given(
    kinds=st.lists(st.booleans(), max_size=14),
    until=st.integers(0, 14),
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    end=st.sampled_from(["killed", "stopped", "closed"]),
)
def test_whatever_stopped_a_listing_the_next_one_completes_it(kinds, until, sizes, end, tmp_path_factory):
    things = [entry(f"hill {n}") if is_item else refusal(f"slope {n}") for n, is_item in enumerate(kinds)]
    folder = tmp_path_factory.mktemp("place")
    with PartStore(folder / "items", Chain(folder / "custody.jsonl")) as store:
        place = Place(store)
        first = place.writer(sizes[0])
        feed(first, things if end == "closed" else things[:until])
        if end == "closed":
            first.close()
        elif end == "stopped":
            first.stop("died", "worker ended")
        second = place.writer(sizes[1])
        feed(second, things)
        second.close()
        assert place.rows("items", "path") == [each.locator.path for each in things if isinstance(each, Entry)]
        refused = Counter(path for path in place.rows("failures", "path") if path != "coast.zip")
        assert refused == Counter(each.locator.path for each in things if isinstance(each, Refusal))
        assert place.rows("failures", "kind").count("died") == (end == "stopped")
        assert second.items == sum(kinds)


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (["hill 0", "hill 2", "hill 3", "hill 4"], "hill 1"),  # gone
        (["hill 0", "cliff", "hill 1", "hill 2", "hill 3"], "hill 1"),  # come between
        (["hill 0", "hill 1"], "hill 2"),  # shorter than what is sealed
        (["hill 0", "hill 9", "hill 2", "hill 3"], "hill 1"),  # another name
    ],
)
def test_evidence_that_lists_differently_is_named(place, now, named):
    feed(place.writer(2), [entry(f"hill {number}") for number in range(5)])  # two units, and killed

    def list_again():
        writer = place.writer(2)
        feed(writer, map(entry, now))
        writer.close()

    with pytest.raises(DoesNotVerify, match=named) as error:
        list_again()
    assert error.value.names == (named,)
    assert "coast.zip" in error.value.message
    assert place.rows("items", "path") == ["hill 0", "hill 1", "hill 2", "hill 3"]


class Link:
    """A worker that takes everything."""

    def open(self, source):
        pass

    def send(self, message, descriptors=()):
        pass


LOSS = Loss(kind="died", message="worker ended by signal 9", position=None)


def test_a_lost_worker_is_replaced_and_the_list_is_whole(place):
    job, link = place.job(), Link()
    hills = tuple(entry(f"hill {number}") for number in range(8))
    for count in (4, 7):
        job.begin(link)
        assert not job.message(link, Listed(hills[:count], ()))
        assert job.lost(LOSS)
    job.begin(link)
    job.message(link, Listed(hills, (refusal("slope"),)))
    assert job.message(link, Done())
    assert place.rows("items", "path") == [each.locator.path for each in hills]
    assert place.rows("failures", "path") == ["slope"]
    assert (job.items, job.incomplete) == (8, "")


def test_three_lost_workers_leave_what_was_listed_and_say_so(place):
    job, link = place.job(), Link()
    hills = tuple(entry(f"hill {number}") for number in range(4))
    outcomes = []
    for _ in range(3):
        job.begin(link)
        job.message(link, Listed(hills, ()))
        outcomes.append(job.lost(LOSS))
    assert outcomes == [True, True, False]
    assert place.rows("items", "path") == [each.locator.path for each in hills]
    assert place.rows("failures", "kind") == ["died"]
    assert "after 4 items" in job.incomplete


def test_a_shape_that_is_no_json_is_a_broken_worker(place):
    job, link = place.job(), Link()
    job.begin(link)

    with pytest.raises((msgspec.MsgspecError, EvidenceError)):
        job.message(link, Opened("{{"))


def test_a_size_that_a_worker_claims_weighs_no_more_than_the_source(place):
    """Else one claim would make a unit, and so a part, of every entry of millions."""
    writer = place.writer(100, source_bytes=1 << 20)
    feed(writer, [replace(entry(f"hill {number}"), size_bytes=1 << 62) for number in range(50)])
    writer.close()
    assert len(list(place.store.folder.glob("part-*-items.parquet"))) == 1
    assert place.rows("items", "size_bytes") == [1 << 62] * 50  # what it said is told as it was said


@pytest.mark.parametrize("size", [-1, 1 << 63, (1 << 64) - 1])
def test_a_size_that_no_file_has_is_no_message(size):
    with pytest.raises(EvidenceError, match="a size that no file has"):
        unpack_for_broker(pack(Listed((replace(entry("hill"), size_bytes=size),), ())))
    assert unpack_for_broker(pack(Listed((entry("hill"),), ()))).entries == (entry("hill"),)


def test_a_locator_without_a_layer_is_no_message():
    nowhere = Locator(layers=())
    for message in (
        Listed((replace(entry("hill"), locator=nowhere),), ()),
        InnerRefusal("", replace(refusal("x"), locator=nowhere)),
    ):
        with pytest.raises(EvidenceError, match="without a layer"):
            unpack_for_broker(pack(message))


class LosesAll:
    """A pool whose workers all die."""

    def run(self, jobs, tick):
        for job in jobs:
            job.begin(Link())
            while job.lost(LOSS):
                job.begin(Link())


def test_an_incomplete_list_is_listed_again_by_the_next_run(operation, tmp_path):
    path = tmp_path / "coast.zip"
    with zipfile.ZipFile(path, "w") as box:
        for number in range(9):
            box.writestr(f"hill {number}.txt", f"hill {number}\n")
    operation = operation(workers=1, unit_items=4)
    with Workspace.open(operation.folder) as workspace:
        (known,) = admit(workspace, [resolve(path)], "T-1", "")
        source = open_source_files(known.files, reading_limits(workspace))
        listed = list_source(workspace, LosesAll(), known, source, operation.listening())
        close_source_files(source)
        assert "after 0 items" in listed["incomplete"]
    operation.run(path)
    assert operation.rows("SELECT count(*), count(DISTINCT item), count(sha256) FROM items") == [(9, 9, 9)]
    with Workspace.open(operation.folder, read_only=True) as workspace:
        done = state(workspace, known_sources(workspace)[0], SOURCE_LISTED)
    assert done["items"] == 9
    assert "incomplete" not in done


@pytest.fixture
def interrupted(operation, evidence, tmp_path):
    """A copy of the evidence whose listing was interrupted after two units of ten."""
    folder = tmp_path / "copy"
    shutil.copytree(evidence, folder)
    operation = operation(workers=1, unit_items=10)
    listener = operation.listening()
    units = []

    def more(count):
        units.append(count)
        if len(units) == 2:
            raise KeyboardInterrupt

    listener.more = more
    with pytest.raises(KeyboardInterrupt):
        operation.run(folder, listener=listener)
    return operation, folder


def test_other_unit_sizes_do_not_cut_what_is_sealed_otherwise(interrupted):
    operation, folder = interrupted
    toml = operation.folder / "headwater.toml"
    toml.write_text(toml.read_text().replace("unit_items = 10", "unit_items = 7"))
    operation.run(folder)
    files = sum(1 for path in folder.rglob("*") if path.is_file())
    inner = operation.rows("SELECT count(*) FROM items WHERE parent_item IS NULL")
    assert inner == [(files,)]
    assert operation.rows("SELECT count(DISTINCT item) = count(*) FROM items") == [(True,)]


def test_a_file_gone_while_the_listing_was_interrupted_is_named(interrupted):
    operation, folder = interrupted
    gone = min(path for path in folder.rglob("*") if path.is_file())
    gone.unlink()
    with pytest.raises(DoesNotVerify, match=gone.name):
        operation.run(folder)


def test_a_volume_that_is_refused_as_it_is_listed_is_so_in_the_shape(place):
    disk, names = Layer(kind="raw"), ("p1", "p2", "p3", "")
    volumes = [{"name": name, "type_name": "Linux" if name else "", "file_system": "ext4"} for name in names]
    p1, p2, p3 = (Layer(kind="mbr", name=name.encode()) for name in names[:3])
    file, doubt = Layer(kind="ext", name=b"a", address="12"), Layer(kind="ext")

    def refused(*layers):
        return Refusal(locator=Locator(layers=(disk, *layers)), kind="malformed", message=f"no {layers or disk}")

    job = place.job(items=100)
    job.begin(Link())
    job.message(None, Opened(msgspec.json.encode({"container": "raw", "volumes": volumes}).decode()))
    job.message(None, Listed(entries=(Entry(locator=Locator(layers=(disk, p1, file))),), refusals=(refused(p2),)))
    job.message(None, Listed(entries=(Entry(locator=Locator(layers=(disk, p3, file))),), refusals=(refused(p1, file),)))
    job.message(None, Listed(entries=(), refusals=(refused(p3), refused(), refused(doubt))))
    assert job.message(None, Done())
    told = {each["name"]: (each.get("refused"), each.get("incomplete")) for each in job.shape["volumes"]}
    assert told == {
        "p1": (None, None),
        "p2": (f"no {(p2,)}", None),
        "p3": (None, f"no {(p3,)}"),
        "": (f"no {disk}", None),
    }
