from collections.abc import Callable

import pytest

from headwater.examine.filetype import FileType
from headwater.examine.view import View
from headwater.model.finding import State


@pytest.mark.parametrize("example", FileType().examples(), ids=lambda example: example.name)
def test_its_examples_hold(view_of: Callable[..., View], example) -> None:
    seen = list(FileType().examine(view_of(example.data, name=example.name.encode())))
    assert set(example.expected) <= {(one.claim, one.value) for one in seen if one.state is State.FOUND}


@pytest.mark.parametrize("name", [b"sea.png", b"sea.jpg", b"sea", b"sea.q\x1bz"])
def test_a_name_changes_nothing(view_of: Callable[..., View], png: bytes, name: bytes) -> None:
    (seen,) = FileType().examine(view_of(png, name=name))
    assert (seen.value, seen.state) == ("image/png", State.FOUND)


def test_unknown_bytes_are_nothing_not_a_guess(view_of: Callable[..., View]) -> None:
    (seen,) = FileType().examine(view_of(b"\x81\x00\x93\x07" * 9, name=b"x.jpg"))
    assert (seen.state, bool(seen.reason)) == (State.NOTHING, True)
