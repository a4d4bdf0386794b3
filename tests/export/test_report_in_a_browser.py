"""The report in a real browser: hostile text stays text, no script runs, nothing is loaded; light and dark."""

import io
import os
import re
import subprocess
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from PIL import Image

from headwater.export.report import Report, write_html
from headwater.model.visible import visible

ATTACK = "<img src=x onerror=document.title='run'><script>document.title='run'</script>\u202egnp.exe\x1b[2J"
NAME = visible(ATTACK)


def made(kind):
    """A value of a type, hostile wherever it is text: so no field of the report is forgotten."""
    if get_origin(kind) in {UnionType, Union}:
        return made(get_args(kind)[0])
    if get_origin(kind) is not None:
        return [made(get_args(kind)[0]), made(get_args(kind)[0])]
    if is_dataclass(kind):
        return kind(**{name: made(hint) for name, hint in get_type_hints(kind).items()})
    return {str: NAME, int: 3, bool: True, float: 0.5, datetime: datetime(2026, 5, 1, tzinfo=UTC)}[kind]


def report(**changes):
    return replace(made(Report), **changes)


def chromium(folder, *words, dark=False):
    """Run the browser once over folder/report.html; its standard output."""
    scheme = ("--blink-settings=preferredColorScheme=0",) if dark else ("--blink-settings=preferredColorScheme=1",)
    always = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--no-first-run")
    ended = subprocess.run(
        ["chromium", *always, f"--user-data-dir={folder / 'profile'}", *scheme, *words, f"file://{folder}/report.html"],
        capture_output=True, check=False, timeout=90, env=os.environ | {"HOME": str(folder)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr.decode(errors="replace")
    return ended.stdout.decode(), ended.stderr.decode(errors="replace")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "report.html").write_text(write_html(report()))
    return folder


def test_hostile_text_is_text(page):
    shown, said = chromium(page, "--dump-dom", "--enable-logging=stderr")
    title = re.search(r"<title>([^<]*)</title>", shown)[1]
    assert title != "run"
    assert "\\u{202E}gnp.exe\\u{001B}[2J" in shown
    assert "<img" not in shown
    assert "<script" not in shown
    assert "&lt;img src=x onerror" in shown
    assert "Refused to" not in said  # nothing even tried what the policy forbids


def test_the_policy_stops_a_script_that_got_in(page, tmp_path):
    html = (page / "report.html").read_text()
    attack = "<script>document.title='run'</script><img src='data:,x' onerror=\"document.title='run'\">"
    (tmp_path / "report.html").write_text(html.replace("<main>", f"<main>{attack}"))
    shown, _ = chromium(tmp_path, "--dump-dom")
    assert "<script" in shown
    assert re.search(r"<title>([^<]*)</title>", shown)[1] != "run"


def test_the_page_names_nothing_to_load(page):
    html = (page / "report.html").read_text()
    assert "default-src 'none'" in html
    reaching = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            loads = {"src", "srcset", "href", "action", "data", "poster", "xlink:href", "background"}
            reaching.extend((tag, name, value) for name, value in attrs if name in loads and not value.startswith("#"))
            reaching.extend((tag, name, value) for name, value in attrs if name.startswith("on"))

    Reader().feed(html)
    assert reaching == []
    assert not re.search(r"url\(|@import|<link|<iframe|<object|<embed|<base", html)


def brightness(folder, dark):
    picture = folder / f"{'dark' if dark else 'light'}.png"
    chromium(folder, f"--screenshot={picture}", "--window-size=1200,1400", dark=dark)
    with Image.open(io.BytesIO(picture.read_bytes())) as drawn:
        grey = drawn.convert("L")
        histogram = grey.histogram()
        return histogram, grey.width * grey.height


def test_it_is_drawn_light_and_dark_with_text_that_stands_out(page):
    light, pixels = brightness(page, dark=False)
    dark, _ = brightness(page, dark=True)
    assert sum(light[230:]) > 0.7 * pixels
    assert sum(light[:90]) > 0.004 * pixels
    assert sum(dark[:60]) > 0.7 * pixels
    assert sum(dark[180:]) > 0.004 * pixels


def test_the_same_report_is_the_same_page():
    assert write_html(report()) == write_html(report())


def test_the_foot_carries_the_digest_of_what_stands_above(page):
    html = (page / "report.html").read_text()
    body = re.search(r"<main>\n(.*?)\n?</main>", html, re.DOTALL)[1]
    stated = re.search(r"SHA-256 of this report's content <span class=\"mono\">([0-9a-f ]+)</span>", html)[1].replace(
        " ", ""
    )
    assert stated in {sha256(body.encode()).hexdigest(), sha256((body + "\n").encode()).hexdigest()}


def test_without_failures_cameras_or_copies_it_says_so():
    html = write_html(report(failures=[], failures_total=0, failure_kinds=[], cameras=[], copies=[], sources=[]))
    assert "Nothing: every file was read" in html
    assert "None: no file names a make or model." in html
    assert "None: every content occurs once." in html
