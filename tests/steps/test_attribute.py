"""What pictures came from: an operation written by hand, and everything in it that must not be believed."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

import pytest

from headwater.attribute.rarity import RARE_BITS, rarity_bits
from headwater.findings.parts import PartStore, operation_folder, part_folder
from headwater.findings.schema import SCHEMAS, table
from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.steps.attribute import attribute
from headwater.steps.judgements import merge_hands, split_hand
from headwater.steps.queue import order_queue
from headwater.steps.seals import check_seals
from headwater.steps.trace import trace
from headwater.steps.upstream import explain_upstream
from headwater.steps.workspace import Workspace

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ZERO = {"string": "", "int64": 0, "bool": False, "binary": b"", "timestamp[us, tz=UTC]": NOON, "int32": 0}
SHORT = {"allocation": "allocated", "kind": "file", "times_zone": "utc"}
LOOKED = ("generators", "declared", "credentials", "camera")


class Silent:
    def begin(self, step, total=0):
        pass

    def more(self, count):
        pass

    def tick(self):
        pass

    def end(self, words=""):
        pass


def digest(word):
    return sha256(str(word).encode()).hexdigest()


def built(name, given):
    def value(row, field):
        return row.get(field.name, None if field.nullable else ZERO.get(str(field.type), []))

    return table(name, {field.name: [value({**SHORT, **row}, field) for row in given] for field in SCHEMAS[name]})


class Scene:
    """An operation whose exhibits and findings are written by hand; groups too, for no pixels are looked at here."""

    def __init__(self, folder):
        Workspace.init(folder, "Harbour").close()
        self.workspace = Workspace.open(folder)
        self.items, self.contents, self.findings, self.groups = [], [], [], []
        self._sealed = 0

    def file(self, exhibit, path, content, media_type="image/png", **times):
        """One file; `content` is what it is called by."""
        item = digest(f"{exhibit} {path}")
        locator = f"folder:{quote(path)}"
        row = {"item": item, "exhibit": exhibit, "path": path, "locator": locator, "modified": NOON, **times}
        self.items.append(row)
        self.contents.append({"item": item, "sha256": digest(content), "media_type": media_type})
        if media_type.startswith("image/"):
            for examiner in LOOKED:
                self.found(content, examiner, f"{examiner}.looked", "", state="nothing")
        return digest(content)

    def found(self, content, examiner, claim, value, state="found"):
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
        self.findings.append(
            {"finding": digest(f"{content} {claim} {text}"), "sha256": digest(content), "examiner": examiner,
             "claim": claim, "value": text, "state": state, "version": "1"}
        )  # fmt: skip

    def picture(self, exhibit, path, content, models=(), loras=(), modified=NOON, **record):
        """A picture with a generator's record."""
        whole = {"generator": "a1111", "carrier": "PNG tEXt parameters", "whole": True, "input_use": "none"}
        self.found(content, "generators", "generator.record", {**whole, "models": models, "loras": loras, **record})
        return self.file(exhibit, path, content, modified=modified)

    def model(self, exhibit, path, content, header=None, **hashes):
        name = digest(content)
        told = {"sha256": name, "autov2": name[:10], "autov3": digest(f"tensors of {content}"), **hashes}
        self.found(content, "models", "model.hashes", told)
        self.found(content, "models", "model.header", {"format": "safetensors", "kind": "lora", **(header or {})})
        return self.file(exhibit, path, content, "application/x-safetensors")

    def group(self, medoid, *others, distance_bits=6):
        for name in (medoid, *others):
            is_medoid = name == medoid
            self.groups.append(
                {"group": digest(medoid)[:16], "kind": "visual", "sha256": digest(name), "is_medoid": is_medoid,
                 "distance_bits": None if is_medoid else distance_bits, "variant": "original"}
            )  # fmt: skip

    def seal(self):
        """What was added since the last time, as exhibits of its own folder."""
        self._sealed += 1
        by_exhibit = {}
        exhibit_of = {row["item"]: row["exhibit"] for row in self.items}
        for row in self.items:
            by_exhibit.setdefault(row["exhibit"], ([], []))[0].append(row)
        for row in self.contents:
            by_exhibit[exhibit_of[row["item"]]][1].append(row)
        for place, (exhibit, (items, contents)) in enumerate(by_exhibit.items()):
            folder = part_folder(self.workspace.findings_folder, exhibit, f"{self._sealed:016d}")
            self.workspace.record("source_opened", {"exhibit": exhibit, "source": exhibit})
            with PartStore(folder, self.workspace.custody) as store:
                told = [] if place else self.findings
                store.commit(
                    "unit",
                    {"items": built("items", items), "contents": built("contents", contents),
                     "findings": built("findings", told)},
                )  # fmt: skip
                store.seal()
        if self.groups:
            folder = operation_folder(self.workspace.findings_folder, f"groups{self._sealed}")
            with PartStore(folder, self.workspace.custody) as store:
                whole = {"lineage": "by hand"}
                store.commit("unit", {"groups": built("groups", self.groups), "groupings": built("groupings", [whole])})
        self.items, self.contents, self.findings, self.groups = [], [], [], []
        return self

    def follow(self):
        """Trace and attribute what is sealed."""
        self.seal()
        trace(self.workspace, Silent())
        return attribute(self.workspace, Silent())

    def ask(self, query, *values):
        with closing(connect(self.workspace.folder)) as connection:
            return connection.execute(query, list(values)).fetchall()

    def edges(self, edge):
        return {
            (source, target): strength
            for source, target, strength in self.ask(
                "SELECT source, target, strength FROM upstream WHERE edge = ?", edge
            )
        }

    def chain(self, content):
        with closing(connect(self.workspace.folder)) as connection:
            return explain_upstream(connection, digest(content))


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path / "operation")
    yield made
    made.workspace.close()


def by_digest(name, content, kind="autov2", digits=10):
    return {"name": name, "hash": digest(content)[:digits], "hash_kind": kind}


def test_a_model_that_was_renamed_is_found_by_its_digest_and_not_by_its_name(scene):
    renamed = scene.model("D-1", "models/holiday.safetensors", "the real model")
    decoy = scene.model("D-1", "models/coast.safetensors", "another model")
    picture = scene.picture("D-1", "out/1.png", "one", [by_digest("coast", "the real model")])
    scene.follow()
    assert scene.edges("made_by") == {(picture, renamed): "corroborated"}
    assert decoy not in {target for _, target in scene.edges("made_by")}


def test_a_digest_that_no_file_has_makes_no_edge_though_a_file_has_the_name(scene):
    scene.model("D-1", "models/coast.safetensors", "another model")
    scene.picture("D-1", "out/1.png", "one", [by_digest("coast", "a model that is gone")])
    assert scene.follow().contradictions == 1
    assert scene.edges("made_by") == {}
    ((kind, message),) = scene.ask("SELECT kind, message FROM contradictions")
    assert kind == "another_digest"
    assert "coast" in message


def test_a_short_hash_and_a_name_on_another_device_are_leads(scene):
    legacy = "0123abcd"
    short = scene.model("D-1", "models/a.safetensors", "model a", legacy8=legacy)
    named = scene.model("D-2", "models/b.safetensors", "model b")
    one = scene.picture("D-1", "out/1.png", "one", [{"name": "x", "hash": legacy, "hash_kind": "legacy8"}])
    two = scene.picture("D-1", "out/2.png", "two", [{"name": "b"}])
    scene.follow()
    assert scene.edges("made_by") == {(one, short): "lead", (two, named): "lead"}


def test_a_name_on_the_same_device_is_declared_and_one_of_two_files_no_more_than_consistent(scene):
    only = scene.model("D-1", "models/a.safetensors", "model a")
    first = scene.model("D-1", "models/x/b.safetensors", "model b")
    second = scene.model("D-1", "models/y/b.safetensors", "model b, another")
    one = scene.picture("D-1", "out/1.png", "one", [{"name": "a.safetensors"}])
    two = scene.picture("D-1", "out/2.png", "two", [{"name": "b.safetensors"}])
    scene.follow()
    assert scene.edges("made_by") == {
        (one, only): "declared", (two, first): "consistent", (two, second): "consistent",
    }  # fmt: skip


def test_a_copy_saved_anew_shares_its_tensors_and_a_record_of_them_means_neither_alone(scene):
    tensors = digest("the same tensors")
    first = scene.model("D-1", "models/a.safetensors", "model a", autov3=tensors)
    again = scene.model("D-1", "models/a copy.safetensors", "model a saved anew", autov3=tensors)
    picture = scene.picture("D-1", "1.png", "one", [], [{"name": "a", "hash": tensors[:12], "hash_kind": "autov3"}])
    scene.follow()
    assert {frozenset(pair) for pair in scene.edges("same_tensors")} == {frozenset((first, again))}
    assert scene.edges("made_by") == {(picture, first): "declared", (picture, again): "declared"}


def test_two_producers_with_one_default_model_and_a_copied_workflow_are_not_tied(scene):
    scene.model("D-1", "models/base.safetensors", "the default model")
    scene.model("D-2", "models/base.safetensors", "the default model")
    for number in range(40):
        device = f"D-{1 + number % 2}"
        scene.picture(
            device, f"out/{number}.png", number, [by_digest("base", "the default model")],
            shape_sha256=digest("a workflow from a forum"), seed=str(10**9 + 10**6 * number),
        )  # fmt: skip
    done = scene.follow()
    assert len(scene.edges("made_by")) == 40
    assert (done.ties, done.hands) == (0, 0)


def test_a_rare_model_ties_and_a_public_one_never_does(scene):
    for name, count in (("common", 60), ("rare", 4)):
        scene.model("D-1", f"models/{name}.safetensors", name)
        for number in range(count):
            record = {"seed": str(10**9 + 10**6 * number + count)}
            scene.picture("D-1", f"out/{name}{number}.png", f"{name} {number}", [by_digest(name, name)], **record)
    scene.follow()
    ties = scene.ask("SELECT reason, strength, value, rarity FROM ties WHERE starts_with(reason, 'shared_')")
    rare = digest("rare")
    assert {tie[:3] for tie in ties} == {("shared_model", "lead", f"{rare} = {rare}")}
    assert {tie[3] for tie in ties} == {rarity_bits(4, 64)}
    assert rarity_bits(4, 64) > RARE_BITS > rarity_bits(60, 64)
    assert scene.ask("SELECT * FROM hands") == []  # anybody can have that model
    _add_public_list(scene, rare)
    attribute(scene.workspace, Silent())
    assert scene.ask("SELECT * FROM ties WHERE starts_with(reason, 'shared_')") == []


def test_a_model_that_was_trained_on_a_seized_folder_joins_its_pictures_unless_others_have_it(scene):
    lora = train(scene)
    photographs(scene, "D-1", "train/10_pier")
    made = {scene.picture("D-1", f"out/{number}.png", number, [], [by_digest("pier", "lora")]) for number in range(9)}
    scene.follow()
    assert {name for (name,) in scene.ask("SELECT sha256 FROM hands")} == made
    assert scene.ask("SELECT DISTINCT because FROM hands") == [
        ([f"model trained on a seized folder {lora}: 0.0 bits, 9 of the hand"],)
    ]
    scene.file("D-2", "pier.safetensors", "lora", "application/x-safetensors")
    scene.follow()
    assert scene.ask("SELECT * FROM hands") == []


def _add_public_list(scene, sha):
    folder = operation_folder(scene.workspace.findings_folder, "matches")
    row = {"sha256": sha, "set": "public models", "record": "1", "kind": "sha256", "role": "public"}
    with PartStore(folder, scene.workspace.custody) as store:
        whole = {"lineage": "by hand"}
        store.commit("unit", {"matches": built("matches", [row]), "matchings": built("matchings", [whole])})
    scene.workspace.record("matched", {"digest": "by hand"})


def train(scene, name="10_pier", images=3, **more):
    header = {"training_folders": [{"name": name, "images": images, "repeats": 10}], **more}
    return scene.model("D-1", "loras/pier.safetensors", "lora", header)


def photographs(scene, exhibit, folder, count=3, **times):
    return [
        scene.file(exhibit, f"{folder}/IMG_{number}.jpg", f"photograph {number}", "image/jpeg", **times)
        for number in range(count)
    ]


def test_a_training_folder_is_corroborated_where_its_pictures_are_as_many_as_the_header_says(scene):
    lora, taken = train(scene), photographs(scene, "D-1", "train/10_pier")
    scene.follow()
    folder = "folder:D-1/train/10_pier"
    assert scene.edges("trained_on") == {(lora, folder): "corroborated"}
    assert scene.edges("contains") == {(folder, one): "verified" for one in taken}
    order_queue(scene.workspace, Silent())
    tiers = dict(scene.ask("SELECT sha256, tier FROM queue"))
    assert {tiers[one] for one in taken} == {1}


@pytest.mark.parametrize(
    ("images", "folders", "finished", "strength"),
    [
        (5, ["D-1:train/10_pier"], None, {"declared"}),  # another number of pictures
        (None, ["D-1:train/10_pier"], None, {"declared"}),  # no number, and the trainer's own settings name it
        (3, ["D-1:train/10_pier", "D-1:old/10_pier"], None, {"declared"}),  # two that fit
        (3, ["D-2:train/10_pier"], None, {"consistent"}),  # on another device
        (3, ["D-1:train/10_pier"], NOON - timedelta(days=9), {"declared"}),  # filled after the training
        (5, ["D-1:train/10_pier", "D-1:old/10_pier"], None, {"consistent"}),  # two doubts
    ],
)
def test_a_training_folder_that_does_not_fit_is_no_more_than_declared(scene, images, folders, finished, strength):
    more = {"training": {"finished": finished.isoformat()}} if finished else {}
    train(scene, images=images, **more)
    scene.found("settings", "producer", "record.training", {"train_data_dir": "D:/train", "output_name": "pier"})
    scene.file("D-1", "train/settings.json", "settings", "application/json")
    for place in folders:
        exhibit, _, folder = place.partition(":")
        photographs(scene, exhibit, folder)
    scene.follow()
    assert set(scene.edges("trained_on").values()) == strength


def test_a_common_folder_name_on_another_device_is_no_training_folder(scene):
    train(scene, name="images")
    photographs(scene, "D-2", "holiday/images")
    scene.follow()
    assert scene.edges("trained_on") == {}


def test_which_of_two_alike_came_first_is_open_where_sizes_and_times_disagree(scene):
    cases = {"agree": (256, 3), "only times": (512, 3), "disagree": (1024, 3), "neither": (512, 0)}
    for name, (width, days) in cases.items():
        scene.picture("D-1", f"out/{name}.png", f"{name} original")
        scene.file("S-1", f"up/{name}.jpg", f"{name} copy", "image/jpeg", modified=NOON + timedelta(days=days))
        for content, pixels in ((f"{name} original", 512), (f"{name} copy", width)):
            for side in ("width", "height"):
                scene.found(content, "picture", f"picture.{side}_pixels", str(pixels))
        scene.group(f"{name} original", f"{name} copy")
    scene.follow()
    asked = "SELECT source, target, directed FROM upstream WHERE edge = 'near_duplicate'"
    directed = {(source, target): how for source, target, how in scene.ask(asked)}
    pairs = {name: (digest(f"{name} copy"), digest(f"{name} original")) for name in cases}
    assert {name: directed[pair] for name, pair in pairs.items()} == {
        "agree": True, "only times": True, "disagree": False, "neither": False,
    }  # fmt: skip
    assert set(scene.edges("near_duplicate").values()) == {"consistent"}


def test_a_wrong_clock_is_told_as_a_contradiction_and_not_resolved(scene):
    header = {"training_folders": [], "training": {"finished": (NOON + timedelta(days=30)).isoformat()}}
    lora = scene.model("D-1", "loras/pier.safetensors", "lora", header)
    picture = scene.picture("D-1", "1.png", "one", [], [by_digest("pier", "lora")])
    assert scene.follow().contradictions == 1
    assert scene.edges("made_by") == {(picture, lora): "corroborated"}
    assert scene.ask("SELECT kind, nodes FROM contradictions") == [("model_is_younger", [picture, lora])]


def test_a_circle_is_told(scene):
    lora = train(scene, images=1)
    picture = scene.picture("D-1", "train/10_pier/1.png", "one", [], [by_digest("pier", "lora")])
    scene.follow()
    ((kind, nodes),) = scene.ask("SELECT kind, nodes FROM contradictions")
    assert kind == "circle"
    assert set(nodes) == {lora, picture, "folder:D-1/train/10_pier"}


def test_a_face_and_a_mask_that_a_record_names_are_inputs_and_lead_the_queue(scene):
    face = scene.file("D-1", "input/neighbour.jpg", "a photograph", "image/jpeg")
    inputs = [{"role": "face", "name": "neighbour.jpg"}]
    made = scene.picture("D-1", "out/1.png", "one", inputs=inputs, input_use="named")
    scene.follow()
    assert scene.edges("derived_from") == {(made, face): "declared"}
    order_queue(scene.workspace, Silent())
    ((tier, reason),) = scene.ask("SELECT tier, reason FROM queue WHERE sha256 = ?", face)
    assert tier == 1
    assert reason == f"made-from: input of {made}: its record names it as its face"


def test_a_log_that_lists_a_picture_without_a_record_tells_its_model(scene):
    model = scene.model("D-1", "models/a.safetensors", "model a")
    bare = scene.file("D-1", "outputs/2026-05-01_1.png", "bare")
    logged = {"program": "fooocus", "carrier": "log.html", "name": "2026-05-01_1.png", "model": "a.safetensors"}
    scene.found("log", "producer", "record.output", logged)
    scene.file("D-1", "outputs/log.html", "log", "text/html")
    scene.file("D-2", "outputs/2026-05-01_1.png", "of the same name, on another device")
    scene.follow()
    assert scene.edges("made_by") == {(bare, model): "declared"}
    assert scene.edges("recorded_on") == {(bare, "exhibit:D-1"): "consistent"}


def test_a_browser_tells_which_way_a_copy_went_and_which_folder_served_it(scene):
    names = [f"{digest(number)[:20]}.jpg" for number in range(3)]
    for name in names:
        scene.file("S-1", f"srv/uploads/{name}", name, "image/jpeg")
        scene.file("D-1", f"Downloads/{name}", name, "image/jpeg")
        url = f"https://harbour.example/albums/{name}?size=full"
        scene.found("history", "producer", "record.download", {"target": f"C:\\Downloads\\{name}", "url": url})
    scene.file("D-1", "History", "history", "application/vnd.sqlite3")
    never_fetched = scene.file("S-1", "srv/uploads/other.jpg", "other", "image/jpeg")
    scene.follow()
    item = {
        place: f"item:{digest(place)}"
        for name in names
        for place in (f"D-1 Downloads/{name}", f"S-1 srv/uploads/{name}")
    }
    assert scene.edges("exact_copy") == {
        (item[f"D-1 Downloads/{name}"], item[f"S-1 srv/uploads/{name}"]): "corroborated" for name in names
    }
    kinds = dict(scene.ask("SELECT source, source_kind FROM upstream WHERE edge = 'found_on'"))
    assert kinds[never_fetched] == "upload"
    order_queue(scene.workspace, Silent())
    told = set(scene.ask("SELECT tier, reason FROM queue"))
    assert told == {(3, "upload: it lies in a folder from which another device fetched pictures")}


def test_a_family_picture_that_was_mailed_makes_no_folder_of_uploads(scene):
    for number in range(4):
        scene.file("P-1", f"DCIM/Camera/IMG_{number}.jpg", number, "image/jpeg")
        scene.file("D-1", f"Downloads/IMG_{number}.jpg", number, "image/jpeg")
        told = {"target": f"C:\\Downloads\\IMG_{number}.jpg", "url_host": "mail.example"}
        scene.found("history", "producer", "record.download", told)
    scene.file("D-1", "History", "history", "application/vnd.sqlite3")
    scene.follow()
    assert scene.ask("SELECT DISTINCT strength, directed FROM upstream WHERE edge = 'exact_copy'") == [
        ("verified", False)
    ]
    assert {kind for (kind,) in scene.ask("SELECT source_kind FROM upstream WHERE edge = 'found_on'")} == {"picture"}


def exif(serial):
    return {"make": "Kestrel", "model": "Kite 3", "serial": serial, "rules": []}


def test_a_serial_number_leads_to_the_device_whose_camera_folder_has_it_and_to_no_copy_of_one(scene):
    for number in range(8):
        for exhibit, path, serial in (
            ("P-1", "phone/DCIM/Camera", "K1"), ("L-1", "p1/Users/a/Backup/DCIM/Camera", "K2"),
        ):  # fmt: skip
            scene.found(f"{exhibit} {number}", "camera", "camera.coherence", exif(serial))
            scene.file(exhibit, f"{path}/IMG_{number}.jpg", f"{exhibit} {number}", "image/jpeg")
    found = {}
    for serial in ("K1", "K2", "K3"):
        scene.found(serial, "camera", "camera.coherence", exif(serial))
        found[serial] = scene.file("D-1", f"train/{serial}.jpg", serial, "image/jpeg")
    scene.follow()
    taken = {source: (target, strength) for (source, target), strength in scene.edges("taken_by").items()}
    assert taken[found["K1"]] == ("exhibit:P-1", "declared")
    assert found["K2"] not in taken
    assert found["K3"] not in taken


def test_copies_on_two_devices_are_joined_and_which_came_first_is_open(scene):
    for exhibit in ("D-1", "D-2"):
        scene.file(exhibit, "a.jpg", "the same", "image/jpeg")
    scene.follow()
    ((strength, directed),) = scene.ask("SELECT strength, directed FROM upstream WHERE edge = 'exact_copy'")
    assert (strength, directed) == ("verified", False)


def test_a_name_and_a_seed_in_a_name_bridge_as_leads(scene):
    made = scene.picture("D-1", "out/harbour-at-dusk.png", "one", seed="1234567890")
    named = scene.file("S-1", "up/harbour-at-dusk.png", "named alike")
    seeded = scene.file("S-1", "up/00012-1234567890.jpg", "seeded", "image/jpeg")
    dated = scene.file("S-1", "up/20260501.jpg", "dated", "image/jpeg")
    scene.picture("D-1", "out/2.png", "two", seed="20260501")
    scene.follow()
    assert scene.edges("bridge") == {(named, made): "lead", (seeded, made): "consistent"}
    assert dated not in {source for source, _ in scene.edges("bridge")}


def test_a_chain_is_as_strong_as_its_weakest_edge(scene):
    lora = train(scene)
    taken = photographs(scene, "D-1", "train/10_pier")
    scene.picture("D-1", "out/1.png", "one", [], [by_digest("pier", "lora")])
    scene.file("S-1", "up/1.jpg", "upload", "image/jpeg", modified=NOON + timedelta(days=4))
    scene.group("one", "upload")
    scene.follow()
    chain = scene.chain("upload")
    reached = {step.reached: step.along for step in chain.chain.steps}
    assert reached[lora] == "consistent"
    assert {reached[one] for one in taken} == {"consistent"}
    assert chain.strength == "consistent"
    own = scene.chain("one")
    assert {step.reached: step.along for step in own.chain.steps}[lora] == "corroborated"
    assert scene.chain("nothing of this name") is None


def test_a_gap_names_what_was_searched(scene):
    scene.model("D-1", "models/a.safetensors", "model a")
    scene.picture("D-1", "1.png", "one", [by_digest("gone", "a model that is gone")], input_use="unnamed",
                  inputs=[{"role": "image"}])  # fmt: skip
    scene.follow()
    gaps = " ".join(scene.chain("one").gaps)
    assert "names 1 model, of which 0 found among 1 model file on 1 of 1 device" in gaps
    assert "input picture" in gaps


def test_an_exhibit_that_arrives_changes_what_is_known_of_pictures_that_were_there(scene):
    picture = scene.picture("D-1", "1.png", "one", [by_digest("coast", "the model")])
    first = scene.follow()
    assert scene.edges("made_by") == {}
    model = scene.model("D-2", "m.safetensors", "the model")
    second = scene.follow()
    assert (first.is_new, second.is_new) == (True, True)
    assert scene.edges("made_by") == {(picture, model): "corroborated"}
    keys = scene.ask("SELECT count(*) FROM part_keys WHERE kind = 'model'")
    assert keys == [(1,)]  # read once
    assert not attribute(scene.workspace, Silent()).is_new
    custody = scene.workspace.verify_custody()
    known = [check for check in check_seals(scene.workspace, custody) if "@operation" in check.name]
    attributed = {body["folder"] for body in scene.workspace.recorded("attribute_begun")}
    assert [check.problems for check in known if check.name.removeprefix("findings/") in attributed] == [(), ()]


def rare_hands(scene):
    """Two hands by runs of seeds, among many other pictures."""
    for hand, start in (("a", 10**9), ("b", 3 * 10**9)):
        for number in range(4):
            scene.picture("D-1", f"{hand}{number}.png", f"{hand} {number}", seed=str(start + number))
    for number in range(60):
        scene.picture("D-1", f"other{number}.png", f"other {number}", seed=str(2 * 10**9 + 10**6 * number))
    scene.follow()
    hands = {}
    for hand, name in scene.ask("SELECT hand, sha256 FROM hands"):
        hands.setdefault(hand, set()).add(name)
    return hands


def test_hands_keep_their_ids_and_a_persons_word_outlives_what_comes_later(scene):
    hands = rare_hands(scene)
    one, two = sorted(hands)
    assert sorted(map(len, hands.values())) == [4, 4]
    merge_hands(scene.workspace, [one, two], "one account sold both")
    moved = sorted(hands[one])[:1]
    new = split_hand(scene.workspace, one, [moved[0][:12]], "another camera")
    scene.picture("D-3", "late.png", "late", seed=str(10**9 + 4))
    scene.follow()
    now = dict(scene.ask("SELECT sha256, hand FROM hands"))
    assert {now[name] for name in (hands[one] | hands[two]) - set(moved)} == {one}
    assert now[moved[0]] == new
    assert now[digest("late")] == one
    judged = dict(scene.ask("SELECT sha256, judged FROM hands"))
    assert judged[moved[0]] == "placed here by a person's word"


def test_a_merge_holds_also_where_a_later_picture_becomes_the_first_of_the_hand_that_was_merged(scene):
    hands = rare_hands(scene)
    kept = next(hand for hand in hands if digest("a 0") in hands[hand])
    merged = next(hand for hand in hands if hand != kept)
    merge_hands(scene.workspace, [kept, merged], "one account sold both")
    scene.follow()
    late = next(name for name in (f"late {number}" for number in range(1000)) if digest(name) < min(hands[merged]))
    scene.picture("D-3", "late.png", late, seed=str(3 * 10**9 + 4))
    scene.follow()
    now = dict(scene.ask("SELECT sha256, hand FROM hands"))
    assert {now[name] for name in (*hands[kept], *hands[merged], digest(late))} == {kept}
    assert {found for (found,) in scene.ask("SELECT DISTINCT found FROM hands")} == {kept, merged}


def test_a_word_about_no_hand_or_without_a_reason_is_refused(scene):
    one = next(iter(rare_hands(scene)))
    for call in (
        lambda: merge_hands(scene.workspace, [one], "alone"),
        lambda: merge_hands(scene.workspace, [one, "0" * 16], "unknown"),
        lambda: merge_hands(scene.workspace, [one, *(set(rare_hands_now(scene)) - {one})], "  "),
        lambda: split_hand(scene.workspace, one, ["f" * 64], "not in it"),
        lambda: split_hand(scene.workspace, "0" * 16, ["f" * 64], "no such hand"),
    ):
        with pytest.raises(WrongUse):
            call()
    assert [*scene.workspace.recorded("hand_judged")] == []


def rare_hands_now(scene):
    return [hand for (hand,) in scene.ask("SELECT DISTINCT hand FROM hands")]


def test_of_everything_that_is_planted_to_mislead_no_corroborated_edge_is_false(scene):
    """Renamed models, copies saved anew, a public checkpoint, a copied workflow, wrong clocks, a second producer."""
    tensors = digest("tensors of the public one")
    public = scene.model("D-1", "models/base.safetensors", "public")
    scene.model("D-2", "models/base.safetensors", "public")
    scene.model("D-2", "models/base (2).safetensors", "public saved anew", autov3=digest("tensors of public"))
    own = scene.model(
        "D-1", "loras/zz.safetensors", "own lora", {"training_folders": [{"name": "10_pier", "images": 2}]}
    )
    scene.model("D-2", "loras/pier.safetensors", "decoy of the name")
    scene.model("D-2", "loras/twin a.safetensors", "twin a", autov3=tensors)
    scene.model("D-2", "loras/twin b.safetensors", "twin b", autov3=tensors)
    photographs(scene, "D-1", "train/10_pier", 2)
    photographs(scene, "D-2", "train/10_pier", 2)  # the same pictures, copied to another device
    photographs(scene, "D-2", "holiday", 4, modified=NOON - timedelta(days=4000))
    true = {(own, "folder:D-1/train/10_pier")}
    for number in range(30):
        device = f"D-{1 + number % 2}"
        models = [by_digest("base", "public")]
        loras = [{"name": "pier", "hash": digest("own lora")[:12], "hash_kind": "sha256"}] if device == "D-1" else []
        loras += [{"name": "twin", "hash": tensors[:12], "hash_kind": "autov3"}] if number == 29 else []
        made = scene.picture(
            device, f"out/{number}.png", f"made {number}", models, loras, shape_sha256=digest("from a forum"),
            seed=str(10**9 + 10**6 * number), modified=NOON + timedelta(days=-4000 * (number % 3)),
        )  # fmt: skip
        true |= {(made, public)} | ({(made, own)} if device == "D-1" else set())
    scene.picture("D-2", "out/named.png", "named only", [{"name": "base.safetensors"}], [{"name": "pier"}])
    scene.follow()
    asked = "SELECT source, target FROM upstream WHERE strength = 'corroborated'"
    assert set(scene.ask(asked)) == true
    ties = scene.ask("SELECT count(*) FROM ties WHERE starts_with(reason, 'shared_') AND strength = 'corroborated'")
    assert ties == [(0,)]


def test_a_name_that_many_files_have_means_none_of_them(scene):
    for number in range(4):
        scene.model("D-1", f"run{number}/last.safetensors", f"last {number}")
    for number in range(25):
        scene.file("D-1", f"in{number}/image.png", f"image {number}")
    scene.picture("D-1", "1.png", "one", [{"name": "last.safetensors"}], inputs=[{"role": "mask", "name": "image.png"}])
    scene.follow()
    assert scene.edges("made_by") == {}
    assert scene.edges("derived_from") == {}


def test_files_that_were_fetched_from_all_over_a_server_make_no_upload_of_everything_on_it(scene):
    for number, folder in enumerate(("srv/a", "var/b", "home/c")):
        name = f"{digest(number)[:20]}.jpg"
        scene.file("S-1", f"{folder}/{name}", name, "image/jpeg")
        scene.file("D-1", f"Downloads/{name}", name, "image/jpeg")
        scene.found("history", "producer", "record.download", {"target": name})
    scene.file("D-1", "History", "history", "application/vnd.sqlite3")
    beside = scene.file("S-1", "srv/a/beside.jpg", "beside", "image/jpeg")
    scene.file("S-1", "opt/logo.jpg", "elsewhere", "image/jpeg")
    scene.follow()
    uploads = {name for (name,) in scene.ask("SELECT source FROM upstream WHERE source_kind = 'upload'")}
    assert beside in uploads
    assert digest("elsewhere") not in uploads


def test_a_flood_of_contradictions_is_counted_and_the_first_are_told(scene, monkeypatch):
    monkeypatch.setattr("headwater.steps.attribute._TOLD_MAX", 3)
    scene.model("D-1", "models/coast.safetensors", "the model")
    for number in range(7):
        scene.picture("D-1", f"{number}.png", number, [by_digest("coast", f"gone {number}")])
    scene.follow()
    kinds = [kind for (kind,) in scene.ask("SELECT kind FROM contradictions ORDER BY kind")]
    assert kinds == ["another_digest"] * 3 + ["more"]
    assert scene.ask("SELECT message FROM contradictions WHERE kind = 'more'") == [
        ("4 more contradictions are not listed",)
    ]
