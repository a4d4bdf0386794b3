"""The validation report and the page of traces in a real browser: narrow, dark, with words of 4,000 letters."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from headwater.export.traces import TracesPage, write_traces
from headwater.export.validation_html import write_validation_html
from headwater.export.validation_records import Validation

from . import test_validation_report as validation_report
from .test_report_in_a_browser import LONG, brightness, chromium, measured


def validation_page(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation_report, "NAME", name)
        return write_validation_html(validation_report.made(Validation), "0" * 64)


def traces_page(name):
    levels = [[0.1, 0.9], [0.5, 0.2]]
    return write_traces(
        TracesPage(
            item=name, sha256="ab" * 32, path=name, tool_version=name, method=name, spectrum=levels,
            colours={"red": [0.1, 0.2]}, blocks=levels, counts={"0,1": [1, 2, 3]}, steps=[2],
            silences={"traces.cfa": name},
        )
    )  # fmt: skip


PAGES = {"validation": validation_page, "traces": traces_page}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 1440])
def test_no_page_scrolls_sideways_however_long_a_name_is(tmp_path, page, width):
    seen = measured(tmp_path, PAGES[page](LONG), width)
    assert seen["page"] <= seen["client"] == width, seen


@pytest.mark.parametrize("page", PAGES)
def test_it_is_drawn_light_and_dark_with_text_that_stands_out(tmp_path, page):
    (tmp_path / "report.html").write_text(PAGES[page](validation_report.NAME))
    light, pixels = brightness(tmp_path, dark=False)
    dark, _ = brightness(tmp_path, dark=True)
    assert sum(light[230:]) > 0.5 * pixels
    assert sum(light[:90]) > 0.004 * pixels
    assert sum(dark[:60]) > 0.5 * pixels
    assert sum(dark[180:]) > 0.004 * pixels


@pytest.mark.parametrize("page", PAGES)
def test_the_policy_stops_a_script_that_got_in(tmp_path, page):
    attack = "<script>document.title='run'</script><img src='data:,x' onerror=\"document.title='run'\">"
    whole = PAGES[page]("plain")
    assert "default-src 'none'" in whole
    (tmp_path / "report.html").write_text(whole.replace("<main", f"{attack}<main", 1))
    shown, _ = chromium(tmp_path, "--dump-dom")
    assert "<script" in shown
    assert re.search(r"<title>([^<]*)</title>", shown)[1] != "run"


class Outline(HTMLParser):
    """Headings in order, identifiers, what a reader aloud is told, and what would be loaded."""

    def __init__(self, page):
        super().__init__()
        self.levels, self.ids, self.tags, self.unnamed, self.loaded, self.language = (
            [],
            Counter(),
            Counter(),
            [],
            [],
            "",
        )
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.tags[tag] += 1
        self.ids.update([said["id"]] if "id" in said else [])
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.language = said.get("lang", "") if tag == "html" else self.language
        is_told = {"aria-label", "aria-labelledby", "aria-hidden"} & said.keys()
        self.unnamed += [tag] if tag == "svg" and not is_told else []
        loads = {"src", "srcset", "href", "action", "data", "poster", "background"} & said.keys()
        self.loaded += [(tag, said[one]) for one in loads if not said[one].startswith("#")]


@pytest.mark.parametrize("page", PAGES)
def test_who_hears_the_page_is_told_its_order_and_nothing_is_loaded(page):
    outline = Outline(PAGES[page](validation_report.NAME))
    assert outline.language == "en"
    assert (outline.levels[0], outline.levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in zip(outline.levels, outline.levels[1:], strict=False))
    assert [name for name, count in outline.ids.items() if count > 1] == []
    assert (outline.unnamed, outline.loaded) == ([], [])
    assert outline.tags["th"] >= outline.tags["table"]
    assert outline.tags["script"] == 0
