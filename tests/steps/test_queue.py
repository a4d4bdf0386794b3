"""The queue's rows from origins, ties, places and scores, as the views have them."""

import json

import duckdb
import pytest

from headwater.steps.queue import queue_rows

_VIEWS = """
CREATE TABLE origins (sha256 VARCHAR, grade VARCHAR, strength VARCHAR);
CREATE TABLE listed (sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, exhibit VARCHAR, locator VARCHAR, path VARCHAR,
  allocation VARCHAR, kind VARCHAR);
CREATE TABLE types (sha256 VARCHAR, media_type VARCHAR, damaged BOOLEAN);
CREATE VIEW items AS SELECT *, 1 AS size_bytes FROM listed LEFT JOIN types USING (sha256);
CREATE TABLE findings (sha256 VARCHAR, claim VARCHAR, value VARCHAR, state VARCHAR);
CREATE TABLE ties (a VARCHAR, b VARCHAR, reason VARCHAR, value VARCHAR);
CREATE TABLE matches (sha256 VARCHAR, "set" VARCHAR, record VARCHAR, category VARCHAR, scheme VARCHAR, role VARCHAR,
  kind VARCHAR, verdict BOOLEAN, distance_bits INTEGER, series VARCHAR, victim_identified BOOLEAN, set_aside VARCHAR);
CREATE TABLE upstream (source VARCHAR, target VARCHAR, edge VARCHAR, reason VARCHAR, source_kind VARCHAR,
  target_kind VARCHAR);
CREATE TABLE relevance (name VARCHAR, kind VARCHAR, digest VARCHAR, score DOUBLE, line BIGINT);
"""


class Exhibit:
    """Fills the views, then asks for the queue."""

    def __init__(self):
        self.connection = duckdb.connect(":memory:")
        self.connection.execute(_VIEWS)

    def picture(
        self, sha, grade, *paths, body=None, day="2026:01:01", layers="folder:", allocation="allocated", strength=""
    ):
        self.connection.execute("INSERT INTO origins VALUES (?, ?, ?)", [sha, grade, strength])
        for path in paths:
            self.connection.execute(
                "INSERT INTO listed VALUES (?, ?, ?, 'X-1', ?, ?, ?, 'file')",
                [sha, f"1{sha}", f"5{sha}", f"{layers}{path}", path, allocation],
            )
        if body:
            value = json.dumps(body | {"rules": []}, sort_keys=True, separators=(",", ":"))
            self.find(sha, "camera.coherence", value)
            tag = json.dumps({"name": "DateTimeOriginal", "value": f"{day} 10:00:00"}, separators=(",", ":"))
            self.find(sha, "exif.tag", tag)

    def find(self, sha, claim, value):
        self.connection.execute("INSERT INTO findings VALUES (?, ?, ?, 'found')", [sha, claim, value])

    def inside(self, sha, holder, role="picture", **compared):
        """A picture in another, and what the comparison of both came to."""
        found = {"carrier": "behind the end", "role": role, "sha256": sha} | compared
        self.find(holder, "embedded.compared", json.dumps(found, sort_keys=True, separators=(",", ":")))
        self.connection.execute(
            "INSERT INTO listed VALUES (?, '', '', 'X-1', 'folder:a.jpg|embedded:x', ?, 'allocated', 'embedded')",
            [sha, f"{holder}.jpg/behind the end"],
        )

    def tie(self, a, b, reason, value):
        self.connection.execute("INSERT INTO ties VALUES (?, ?, ?, ?)", [a, b, reason, value])

    def score(self, kind, digest, score):
        self.connection.execute("INSERT INTO relevance VALUES ('tool', ?, ?, ?, 2)", [kind, digest, score])

    def known(self, sha, *, role="known", bits=None, verdict=True, identified=None, aside=""):
        """A match of a set K, record r1, category 1."""
        kind = "sha256" if bits is None else "pdq"
        row = [sha, "K", "r1", "1", "s", role, kind, verdict, bits, "coast", identified, aside]
        self.connection.execute(f"INSERT INTO matches VALUES ({', '.join('?' * len(row))})", row)

    def queue(self):
        return [row for table in queue_rows(self.connection) for row in table.to_pylist()]

    def tiers(self):
        return {row["sha256"]: row["tier"] for row in self.queue()}


BODY = {"make": "Pharos", "model": "Pharos K2", "serial": "K1"}


@pytest.fixture
def exhibit():
    return Exhibit()


def test_stripped_pictures_outside_the_roll_come_before_the_roll(exhibit):
    for number in range(9):
        exhibit.picture(f"a{number}", "camera", f"DCIM/Camera/IMG_{number:04d}.jpg", body=BODY)
    exhibit.picture("zz", "undetermined", "Download/picture.jpg")
    exhibit.picture("b0", "generated", "Download/drawn.png")
    queue = exhibit.queue()
    assert [(row["sha256"], row["tier"]) for row in queue[:2]] == [("zz", 4), ("a0", 6)]
    assert (queue[-1]["sha256"], queue[-1]["tier"]) == ("b0", 7)
    assert [row["rank"] for row in queue] == list(range(1, 12))
    assert queue[0]["place"] == "X-1 Download/picture.jpg"
    assert queue[1]["reason"] == "camera; X-1 DCIM/Camera/IMG_0000.jpg, in the camera roll"


def test_a_picture_that_also_lies_elsewhere_is_not_of_the_roll(exhibit):
    exhibit.picture("a", "camera", "DCIM/Camera/IMG_0001.jpg", "Download/copy.jpg", body=BODY)
    exhibit.picture("b", "camera", "DCIM/Camera/IMG_0002.jpg", body=BODY)
    assert exhibit.tiers() == {"a": 4, "b": 6}


def test_a_body_with_a_failed_rule_is_none(exhibit):
    exhibit.picture("a", "camera", "DCIM/Camera/IMG_0001.jpg")
    exhibit.find("a", "camera.coherence", '{"make":"Pharos","model":"K2","rules":[{"outcome":"fails","rule":"size"}]}')
    assert exhibit.tiers() == {"a": 4}


def test_what_a_picture_was_made_from_and_what_a_seized_camera_took(exhibit):
    exhibit.picture("made", "edited", "output/1.png")
    exhibit.picture("from", "camera", "input/1.jpg", body=BODY)
    exhibit.picture("cam", "camera", "Download/2.jpg", body=BODY)
    exhibit.picture("drawn", "generated", "output/2.png")
    exhibit.picture("sketch", "undetermined", "input/2.png")
    exhibit.tie("made", "from", "input_picture", "named by its record")
    exhibit.tie("drawn", "sketch", "input_picture", "named by its record")
    exhibit.tie("cam", "camera:harbour phone", "sensor", "PCE 194.0")
    rows = {row["sha256"]: row for row in exhibit.queue()}
    assert (rows["from"]["tier"], rows["cam"]["tier"], rows["made"]["tier"]) == (1, 3, 5)
    assert rows["sketch"]["tier"] == 4  # of what was generated, not edited
    assert rows["from"]["reason"] == "made-from: input of made"
    assert rows["cam"]["reason"] == "sensor: camera:harbour phone, PCE 194.0"


def test_a_cameras_picture_that_was_put_in_leads_whatever_came_of_it(exhibit):
    exhibit.picture("drawn", "generated", "output/2.png")
    exhibit.picture("photo", "camera", "DCIM/Camera/IMG_0001.jpg", body=BODY)
    exhibit.tie("drawn", "photo", "input_picture", "named by its record")
    assert exhibit.tiers() == {"photo": 1, "drawn": 7}


def test_a_name_or_folder_alone_sinks_no_picture(exhibit):
    exhibit.picture("named", "generated", "Download/00001-20210101.jpg", strength="consistent")
    exhibit.picture("told", "generated", "Download/2.png", strength="declared")
    assert exhibit.tiers() == {"named": 4, "told": 7}


def test_a_picture_behind_a_family_photograph_has_a_place_of_its_own(exhibit):
    exhibit.picture("photo", "camera", "DCIM/Camera/IMG_0001.jpg", body=BODY)
    exhibit.picture("edit", "edited", "Download/1.jpg")
    exhibit.picture("filed", "camera", "Download/2.jpg")
    exhibit.inside("behind", "photo", same="cannot say", distance_bits=120, quality=100, why="its proportions")
    exhibit.inside("begun", "edit", "ingredient", same="no", distance_bits=92, quality=100)
    exhibit.inside("small", "photo", "thumbnail", same="yes", distance_bits=12, quality=100)
    exhibit.inside("flat", "photo", same="cannot say", distance_bits=120, quality=0)
    exhibit.inside("filed", "photo", same="no", distance_bits=120, quality=100)
    exhibit.inside("gain", "photo", same="no", distance_bits=120, quality=100)
    exhibit.find("gain", "xmp.property", '{"path":"hdrgm:Version","value":"1.0"}')
    queue = {row["sha256"]: row for row in exhibit.queue()}
    tiers = {sha: row["tier"] for sha, row in queue.items()}
    assert tiers == {"photo": 6, "edit": 5, "filed": 4, "behind": 4, "begun": 1, "gain": 6}
    assert queue["behind"]["place"] == "X-1 photo.jpg/behind the end"
    assert "inside photo, shows something else" in queue["behind"]["reason"]


def test_what_is_named_as_a_picture_and_cannot_be_read_does_not_vanish(exhibit):
    for sha, path, allocation, damaged in (
        ("broken", "Pictures/1.JPG", "allocated", True),
        ("locked", "Vault/2.png", "allocated", False),
        ("lost", "3.jpg", "deleted", False),
        ("lost and damaged", "4.jpg", "deleted", True),
        ("data", "5.bin", "allocated", False),
    ):
        exhibit.connection.execute(
            "INSERT INTO listed VALUES (?, '', '', 'X-1', ?, ?, ?, 'file')", [sha, f"folder:{path}", path, allocation]
        )
        exhibit.connection.execute("INSERT INTO types VALUES (?, 'application/octet-stream', ?)", [sha, damaged])
    assert exhibit.tiers() == {"broken": 4, "locked": 4, "lost and damaged": 4}


def test_photographs_in_a_folder_that_a_model_was_trained_on_lead(exhibit):
    exhibit.picture("photo", "camera", "LoRA/10_coast/IMG_0001.jpg", body=BODY)
    exhibit.picture("other", "camera", "LoRA/110_coast/IMG_0001.jpg", body=BODY)
    exhibit.connection.execute(
        "INSERT INTO listed VALUES ('lora', '', '', 'X-1', 'folder:m', 'm.safetensors', 'allocated', 'file')"
    )
    exhibit.find("lora", "model.header", '{"training_folders":[{"images":1,"name":"10_coast","repeats":10}]}')
    queue = exhibit.queue()
    assert [(row["sha256"], row["tier"]) for row in queue] == [("photo", 1), ("other", 4)]
    assert queue[0]["reason"] == "trained-on: in the training folder 10_coast that m.safetensors names"


def test_a_training_folder_is_told_on_another_exhibit_where_its_name_is_a_trainers(exhibit):
    exhibit.picture("a", "camera", "backup/10_Coast/1.jpg")
    exhibit.picture("b", "camera", "backup/images/2.jpg")
    exhibit.picture("c", "camera", "10_coast.jpg")
    exhibit.connection.execute(
        "INSERT INTO listed VALUES ('lora', '', '', 'X-2', 'folder:m', 'm.safetensors', 'allocated', 'file')"
    )
    names = [{"name": "D:\\train\\10_coast"}, {"name": "images"}, {"name": ""}]
    exhibit.find("lora", "model.header", json.dumps({"training_folders": names}))
    queue = {row["sha256"]: row for row in exhibit.queue()}
    assert {sha: row["tier"] for sha, row in queue.items()} == {"a": 1, "b": 4, "c": 4}
    assert "that m.safetensors on exhibit X-2 names" in queue["a"]["reason"]


def test_a_score_orders_within_a_tier_and_never_across(exhibit):
    exhibit.picture("a", "undetermined", "Download/a.jpg", "Download/a2.jpg")
    exhibit.picture("b", "undetermined", "Download/b.jpg")
    exhibit.picture("c", "generated", "Download/c.jpg")
    assert [row["sha256"] for row in exhibit.queue()] == ["a", "b", "c"]  # the larger stack first
    exhibit.score("md5", "5b", 0.2)
    exhibit.score("sha1", "1c", 99.0)
    queue = exhibit.queue()
    assert [row["sha256"] for row in queue] == ["b", "a", "c"]
    assert [row["relevance"] for row in queue] == [0.2, None, 99.0]


@pytest.mark.parametrize(
    ("layers", "tier"),
    [
        ("zip:", 6),
        ("e01:|mbr:p1|fat:", 6),
        ("gzip:phone.tar|tar:", 6),
        ("folder:backup.zip|zip:", 4),
        ("folder:old.tar.gz|gzip:old.tar|tar:", 4),
        ("fat:phone.raw|raw:|mbr:p1|fat:", 4),
    ],
)
def test_what_lies_in_an_archive_of_the_device_is_not_its_roll(exhibit, layers, tier):
    exhibit.picture("a", "camera", "DCIM/Camera/IMG_0001.jpg", body=BODY, layers=layers)
    assert exhibit.tiers() == {"a": tier}


def test_what_a_set_knows_has_its_tiers(exhibit):
    for sha in ("digest", "harmless", "both", "open", "closed", "unsaid", "novote", "aside"):
        exhibit.picture(sha, "undetermined", f"chat/{sha}.jpg")
    exhibit.known("digest")
    exhibit.known("harmless", role="harmless", verdict=False)
    exhibit.known("both", role="harmless", verdict=False)
    exhibit.known("both")
    exhibit.known("open", bits=12, identified=False)
    exhibit.known("closed", bits=12, identified=True)
    exhibit.known("unsaid", bits=12)
    exhibit.known("novote", verdict=False)
    exhibit.known("aside", aside="MD5 agrees, SHA-1 differs")
    assert exhibit.tiers() == {
        "digest": 8, "harmless": 9, "both": 8, "open": 2, "closed": 4, "unsaid": 4, "novote": 4, "aside": 4,
    }  # fmt: skip


def test_of_a_hundred_the_last_two_are_controls(exhibit):
    for number in range(100):
        exhibit.picture(f"{number:03d}", "undetermined", f"Download/{number}.jpg")
    assert [(row["rank"], row["control_at"]) for row in exhibit.queue() if row["control_at"]] == [(99, 100), (100, 50)]
