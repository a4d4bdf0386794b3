from collections.abc import Callable

import pytest

from headwater.examine import view as room
from headwater.model.errors import LimitReached, Malformed, Truncated


def test_the_type_is_worked_out_from_the_head(view_of: Callable[..., room.View], png: bytes) -> None:
    view = view_of(png, name=b"sea.jpg")
    assert view.media_type == "image/png"
    assert view.head == png[: room.HEAD_BYTES]
    assert view.data() == png


def test_the_head_is_cut_at_64_kib(view_of: Callable[..., room.View]) -> None:
    view = view_of(b"a" * 100_000)
    assert len(view.head) == 65_536
    assert view.read_at(99_998, 10) == b"aa"


def test_a_source_shorter_than_it_says_is_truncated(view_of: Callable[..., room.View]) -> None:
    with pytest.raises(Truncated):
        view_of(b"abc", size_bytes=9).data()


def test_data_above_the_limit_is_refused_before_it_is_read(view_of: Callable[..., room.View]) -> None:
    with pytest.raises(LimitReached):
        view_of(b"abc", size_bytes=room.DATA_LIMIT_BYTES + 1).data()


def test_a_picture_is_decoded_once(
    view_of: Callable[..., room.View], png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    decode = room.read_picture
    monkeypatch.setattr(room, "read_picture", lambda *given: calls.append(given) or decode(*given))
    view = view_of(png)
    assert view.picture() is view.picture()
    assert len(calls) == 1


def test_a_picture_that_cannot_be_decoded_says_so_each_time(view_of: Callable[..., room.View], png: bytes) -> None:
    view = view_of(png[:30])
    for _ in range(2):
        with pytest.raises((Malformed, Truncated)):
            view.picture()
