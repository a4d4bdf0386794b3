"""All generated text is made of whole words that were read before, of digits, and of the code's own words."""

import ast
import json
import re
import sqlite3
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import headwater.demo
from headwater.demo.gallery.deals import make_deals
from headwater.demo.gallery.dump import platform_tables
from headwater.demo.gallery.visits import make_visits
from headwater.demo.people.accounts import make_accounts
from headwater.demo.people.persons import make_persons
from headwater.demo.register import build_register
from headwater.demo.sizes import SMALL
from headwater.demo.springhead import exhibit_truths, invent
from headwater.demo.story import tell
from headwater.demo.tables import build_csv
from headwater.demo.words.family import FAMILY
from headwater.demo.words.given import GIVEN
from headwater.demo.words.scripts import CYRILLIC, GREEK, MARKED
from headwater.demo.words.spelling import MISTYPED

TINY = replace(
    SMALL, comfy=3, comfy_from_picture=1, a1111=3, a1111_jpeg=1, a1111_from_picture=1, invoke=1, fooocus=2, training=3,
    phone=2, twin=1, chat=1, screenshots=1, video_frames=1, uploads=4, foreign_uploads=1, laptop_photographs=1,
    downloads=2, accounts=220, persons=180, bomb_mebibytes=1,
)  # fmt: skip
LETTERS = re.compile(r"[^\W\d_]+")
# What machines spell: digests, UUIDs and devices, addresses of networks and wallets, IBANs, PhotoDNA, escapes.
MACHINES = re.compile(
    r"\\u[0-9a-f]{4}|2001:db8:[0-9a-f:]+|0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{30,}|\b4[1-9A-HJ-NP-Za-km-z]{94}\b"
    r"|\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b|[A-Za-z0-9+/]{192}|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b[0-9a-fA-F]{12,128}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,12}\b|/uploads/[0-9a-f]{2}/"
)


def _tokens(text):
    return {token.casefold() for token in LETTERS.findall(MACHINES.sub(" ", text)) if len(token) > 1}


def _literals():
    """Every word in a string of the demo's source, documentation left out."""
    words = set()
    for path in Path(headwater.demo.__path__[0]).rglob("*.py"):
        tree = ast.parse(path.read_text())
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in documentation:
                value = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
                words |= {word.casefold() for word in LETTERS.findall(value)} if isinstance(value, str) else set()
            elif isinstance(node, ast.keyword) and node.arg:
                words |= {word.casefold() for word in LETTERS.findall(node.arg)}  # names of ComfyUI's inputs
    return words


ALLOWED = _literals() | {"utf", "dpmpp"}


def _sqlite_text(data):
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in connection.execute(f"SELECT * FROM {table}"):
            yield from (str(cell) for cell in row if isinstance(cell, str))
    connection.close()


def _picture_text(placed):
    with Image.open(BytesIO(placed.data)) as picture:
        exif = picture.getexif()
        yield from (str(value) for value in getattr(picture, "text", {}).values())
        for directory in (exif, exif.get_ifd(0x8769)):
            yield from (value for value in directory.values() if isinstance(value, str))
            comment = directory.get(0x9286, b"")
            yield comment[8:].decode("utf-16-be") if comment.startswith(b"UNICODE") else ""


def _text(placed):
    """What a file says in words."""
    yield placed.path.decode("latin-1") if b"\xff" in placed.path else placed.path.decode()
    if placed.kind in {"image/jpeg", "image/png"} and not placed.note:
        yield from _picture_text(placed)
    elif placed.kind == "application/vnd.sqlite3":
        yield from _sqlite_text(placed.data)
    elif placed.kind == "application/x-safetensors":
        yield json.dumps(json.loads(placed.data[8 : 8 + int.from_bytes(placed.data[:8], "little")]), ensure_ascii=False)
    elif placed.kind == "":
        yield placed.data.decode()


def _said_in_files(scene):
    every = [
        *(one for volume in scene.workstation.volumes for one in volume), *scene.phone, *scene.server.inside,
        *scene.server.outside, *scene.laptop.placed, *scene.laptop.inner,
    ]  # fmt: skip
    for placed in every:
        yield from _text(placed)


def _said_of_people(story):
    persons = make_persons(story)
    accounts = make_accounts(story, persons)
    visits = make_visits(story, accounts)
    for table in platform_tables(story, accounts, visits, make_deals(story, visits), []):
        yield build_csv(table).decode()
    yield json.dumps(build_register(story, persons, exhibit_truths(story)), ensure_ascii=False)
    for one in persons:
        yield from (*one.name.own, *one.name.plain, one.email, one.home.street)


def _said_of_things(story):
    yield from (story.place, story.platform, *story.albums, *map(str, asdict(story.layout).values()))
    for body in story.bodies.all:
        yield from (body.model.make, body.model.model, body.model.software, body.serial)


@pytest.mark.parametrize("seed", [0, 1, 2, 1225, 3340, 3710, 3721, 5147])
def test_all_text_in_files_is_of_whole_words_that_were_read(seed):
    strange = {token for text in _said_in_files(invent(tell(seed, TINY))) for token in _tokens(text)} - ALLOWED
    assert strange == set()


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_all_names_are_of_whole_words_that_were_read(first):
    stories = [tell(seed, TINY) for seed in range(first, first + 20)]
    said = [text for story in stories for text in (*_said_of_people(story), *_said_of_things(story))]
    assert {token for text in said for token in _tokens(text)} - ALLOWED == set()


def test_a_word_that_was_not_read_would_show():
    assert _tokens("Heronholm, brillig-42 at slithy@example.org") - ALLOWED == {"brillig", "slithy"}
    assert "heronholm" in ALLOWED


def test_there_are_many_names_and_each_stands_once():
    assert len(set(GIVEN)) == len(GIVEN) >= 80
    assert len(set(FAMILY)) == len(FAMILY) >= 150
    for script in (MARKED, GREEK, CYRILLIC):
        assert len({own for own, _ in script}) == len(script) >= 16
        assert all(plain.isascii() and not own.isascii() for own, plain in script)


def test_only_listed_words_are_mistyped_and_into_no_other_listed_word():
    assert set(MISTYPED) <= {*GIVEN, *FAMILY}
    assert not set(MISTYPED.values()) & {*GIVEN, *FAMILY}
