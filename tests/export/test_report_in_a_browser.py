"""The report in a real browser: hostile text stays text, no script runs, nothing is loaded; light and dark."""

import html
import io
import json
import os
import re
import subprocess
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256
from html.parser import HTMLParser
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest
from PIL import Image

from headwater.export.plots import Bar
from headwater.export.records import Accounting, ExaminerLine, Report
from headwater.export.report import write_html
from headwater.model.visible import visible

ATTACK = "<img src=x onerror=document.title='run'><script>document.title='run'</script>\u202egnp.exe\x1b[2J"
NAME = visible(ATTACK)


def made(kind, text=NAME, ours=frozenset()):
    """A value of a type, hostile wherever it is text, so no field is forgotten. ours: fields of short words."""
    if get_origin(kind) in {UnionType, Union}:
        return made(get_args(kind)[0], text, ours)
    if get_origin(kind) is not None:
        return [made(get_args(kind)[0], text, ours), made(get_args(kind)[0], text, ours)]
    if issubclass(kind, Enum):
        return next(iter(kind))
    if is_dataclass(kind):
        hints = get_type_hints(kind).items()
        return kind(**{name: made(hint, "malformed" if name in ours else text, ours) for name, hint in hints})
    return {str: text, int: 3, bool: True, float: 0.5, datetime: datetime(2026, 5, 1, tzinfo=UTC)}[kind]


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


CALM = {
    "faults": [],
    "failures": [],
    "failure_counts": [],
    "failure_kinds": [],
    "failures_total": 0,
    "accounting": Accounting(items=9, listed=7, inside=2, read=8, damaged=1, no_content=1, failed=0, waiting=0),
    "examiners_not_run": [],
    "unsafe": False,
}


def test_nothing_is_said_to_be_wrong_only_where_nothing_is():
    page = write_html(report(**CALM))
    assert "Nothing: every file was read, and every examiner came to an end" in page
    assert 'class="sound"' in page
    assert "Every parser runs in a worker without network" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"accounting": replace(CALM["accounting"], waiting=2, read=6)}, "2 files listed, not examined yet"),
        ({"accounting": replace(CALM["accounting"], failed=1, read=7)}, "1 file not read"),
        ({"examiners_not_run": ["metadata"]}, "metadata not run (headwater.toml)"),
    ],
)
def test_what_was_not_done_is_not_called_nothing(change, said):
    page = write_html(report(**CALM | change))
    assert "Nothing: every file was read" not in page
    assert "No failure is recorded, but not everything was done" in page
    assert said in page


def test_a_run_without_a_sandbox_does_not_claim_one():
    page = write_html(report(**CALM | {"unsafe": True}))
    assert "Every parser runs in a worker without network" not in page
    assert "read evidence without a sandbox" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"cameras": [], "cameras_looked": False},
            "Not looked for: the examiner metadata did not run (headwater.toml).",
        ),
        ({"cameras": [], "cameras_looked": True}, "None: no file that was read names a make or model."),
        ({"copies": []}, "None: every content that was read occurs once."),
        ({"deleted": []}, "None were found by the file systems"),
        ({"endings": []}, "None among the 8 files read."),
        ({"sources": [], "glance": [], "failures": []}, "None: no source has been opened."),
        ({"times": []}, "no container keeps a time"),
        ({"cameras_total": 999}, "named most, of 999"),
        ({"deleted_total": 999}, "of 999; all of them: <code>headwater show items --where"),
    ],
)
def test_each_silence_is_told_apart(change, said):
    assert said in write_html(report(**CALM | change))


def test_an_examiner_that_did_not_run_is_listed_and_says_so():
    line = ExaminerLine(
        examiner="metadata", version="1", code_digest="c" * 64, found=0, structure=0, nothing=0, not_run=0, failed=0,
        ran="not run (headwater.toml)",
    )  # fmt: skip
    page = write_html(report(examiners=[line]))
    assert re.search(r'<th scope="row"[^>]*>metadata</th>.*not run \(headwater\.toml\)', page)


class Cells(HTMLParser):
    """The text and the drawings of every cell."""

    def __init__(self, page):
        super().__init__()
        self.cells = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in {"td", "th"}:
            self.cells.append("")
            self._open = True
        elif tag == "svg" and self._open:
            self.cells[-1] += "drawn"

    def handle_endtag(self, tag):
        self._open = self._open and tag not in {"td", "th"}

    def handle_data(self, data):
        if self._open:
            self.cells[-1] += data.strip()


@pytest.mark.parametrize("change", [{}, CALM, {"types": [Bar(label="image/png", count=0)]}])
def test_no_cell_is_blank(change):
    cells = Cells(write_html(report(**change))).cells
    assert len(cells) > 100
    assert "" not in cells


LONG = "M" * 4_000
MEASURE = """
<iframe id="f" style="width:%dpx;height:900px;border:0" srcdoc="%s"></iframe><pre id="said"></pre><script>
f.onload = () => {
  const page = f.contentDocument, root = page.documentElement, wide = [];
  for (const box of page.querySelectorAll('.box')) if (box.scrollWidth > box.clientWidth + 1)
    wide.push(box.getAttribute('aria-label'));
  let reach = 0;
  for (const cell of page.querySelectorAll('td, th, p, li, h1, h3, summary, figcaption')) {
    const room = cell.getBoundingClientRect();
    if (room.left > -100 && room.width) reach = Math.max(reach, room.right);
  }
  const rows = [...page.querySelectorAll('.facts')].map(t => t.rows[0].cells[1].getBoundingClientRect().left);
  said.textContent = JSON.stringify({page: root.scrollWidth, client: root.clientWidth, wide, reach, rows});
};
</script>
"""


def measured(folder, page, width):
    """Lay the page out so wide in a real browser: its own width, the boxes that scroll, how far any text reaches."""
    (folder / "report.html").write_text(MEASURE % (width, html.escape(page, quote=True)))
    shown, _ = chromium(
        folder, "--dump-dom", "--virtual-time-budget=5000", "--hide-scrollbars", "--window-size=1600,1000"
    )
    return json.loads(html.unescape(re.search(r'<pre id="said">(\{[^<]+\})</pre>', shown)[1]))


OURS = frozenset(
    {
        "kind", "examiner", "says", "media_type", "size", "modified", "read_only", "failure_kinds", "ran", "version",
        "times_by", "forms", "country",
    }
)  # fmt: skip


def long_report():
    """Everything that evidence or a person may name is one word of 4,000 letters."""
    return write_html(made(Report, LONG, OURS))


@pytest.mark.parametrize("width", [320, 640, 800, 1440])  # 640: a window of 1,280 at 200 %
def test_no_page_scrolls_sideways_however_long_a_name_is(tmp_path, width):
    seen = measured(tmp_path, long_report(), width)
    assert seen["page"] <= seen["client"] == width, seen
    if width != 800:  # there a table may scroll in its own box
        drawn = {"Times, drawn"} | (
            {"Upstream chart"} if width < 1440 else set()
        )  # what they show stands in a table too
        assert set(seen["wide"]) <= drawn, seen


def test_in_print_nothing_is_lost_beside_the_page(tmp_path):
    """The print rules applied on the screen, as wide as A4 between its margins."""
    page = long_report().replace("@media print {", "@media all {").replace("@media screen and", "@media none and")
    seen = measured(tmp_path, page, 680)
    assert seen["page"] <= 680, seen
    assert seen["reach"] <= 681, seen


def test_the_facts_of_every_source_stand_in_one_line(tmp_path):
    rows = measured(tmp_path, long_report(), 1200)["rows"]
    assert len(rows) >= 4
    assert max(rows) - min(rows) < 1


def test_it_can_be_printed(page):
    chromium(page, f"--print-to-pdf={page / 'report.pdf'}", "--no-pdf-header-footer")
    pdf = (page / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 2
