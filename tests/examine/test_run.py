from hashlib import sha256

import pytest

from headwater.evidence.content import BytesSource
from headwater.examine.messages import Fault
from headwater.examine.run import examine_view
from headwater.examine.view import View
from headwater.model.errors import Truncated
from headwater.model.finding import Method, Seen, Span, State

METHOD = Method(examiner="lamp", version="1", code_digest="c", settings_digest="s")
DATA = b"lighthouse"


class Lamp:
    """An examiner made for one test: yields, then raises."""

    name = "lamp"
    version = "1"
    claims = ("lamp.lit",)

    def __init__(self, *seen, error=None):
        self.seen = seen
        self.error = error

    def accepts(self, view):
        return True

    def examine(self, view):
        yield from self.seen
        if self.error:
            raise self.error

    def examples(self):
        return ()


def view():
    return View(sha256=sha256(DATA).hexdigest(), size_bytes=len(DATA), name=b"x", source=BytesSource(data=DATA))


def examine(examiner, skipped=None):
    return examine_view(view(), [(examiner, METHOD)], skipped=skipped or {}, announce=lambda stage: None)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Truncated("ends early"), "truncated"),
        (MemoryError(), "memory"),
        (RecursionError(), "malformed"),
        (ZeroDivisionError("x"), "fault"),
    ],
)
def test_a_raising_examiner_keeps_what_it_saw_and_costs_one_failure(error, kind):
    found, faults = examine(Lamp(Seen(claim="lamp.lit", value="yes"), error=error))
    assert [(each.seen.claim, each.seen.state) for each in found] == [
        ("lamp.lit", State.FOUND),
        ("lamp", State.FAILED),
    ]
    assert [fault.kind for fault in faults] == [kind]


def test_what_failed_without_raising_is_a_failure_too_once_a_reason():
    failed = [Seen(claim=f"lamp.{name}", state=State.FAILED, reason="truncated: 3 bytes short") for name in "ab"]
    _, faults = examine(Lamp(*failed))
    assert faults == [Fault("lamp", "truncated", "3 bytes short (lamp.a, lamp.b)")]


def test_every_span_carries_the_digest_of_its_bytes():
    found, _ = examine(Lamp(Seen(claim="lamp.lit", spans=(Span(offset_bytes=5, length_bytes=5),))))
    assert found[0].seen.spans[0].sha256 == sha256(b"house").hexdigest()


def test_a_message_with_terminal_escapes_is_shown_written_out():
    _, faults = examine(Lamp(error=Truncated("name \x1b[31m")))
    assert faults[0].message == "name \\u{001B}[31m"


def test_an_examiner_that_killed_a_worker_is_not_run_again():
    killed = Fault("lamp", "died", "worker was killed by signal 11")
    found, faults = examine(Lamp(Seen(claim="lamp.lit")), {"lamp": killed})
    assert faults == [killed]
    assert [each.seen.state for each in found] == [State.FAILED]
