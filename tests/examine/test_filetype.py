from collections.abc import Callable

import pytest

from headwater.examine.filetype import FileType
from headwater.examine.view import View
from headwater.model.finding import State


@pytest.mark.parametrize("example", FileType().examples(), ids=lambda example: example.name)
def test_its_examples_hold(view_of: Callable[..., View], example) -> None:  # type: ignore[no-untyped-def]
    seen = list(FileType().examine(view_of(example.data, name=example.name.encode())))
    assert set(example.expected) <= {(one.claim, one.value) for one in seen if one.state is State.FOUND}


@pytest.mark.parametrize(
    ("name", "state"),
    [(b"sea.png", State.NOTHING), (b"sea.jpg", State.FOUND), (b"sea", State.NOT_RUN), (b"sea.q\x1bz", State.NOT_RUN)],
)
def test_silences_are_kept_apart(view_of: Callable[..., View], png: bytes, name: bytes, state: State) -> None:
    seen = {one.claim: one for one in FileType().examine(view_of(png, name=name))}
    assert seen["type.extension_lies"].state is state
    assert bool(seen["type.extension_lies"].reason) is (state is not State.FOUND)


def test_unknown_bytes_are_nothing_not_a_guess(view_of: Callable[..., View]) -> None:
    seen = {one.claim: one for one in FileType().examine(view_of(b"\x81\x00\x93\x07" * 9, name=b"x.jpg"))}
    assert seen["type.content"].state is State.NOTHING
    assert seen["type.extension_lies"].state is State.NOT_RUN
