"""How a reader says that reading goes on, where a long way lies between two entries."""

from collections.abc import Callable

Touch = Callable[[], None]


def untouched() -> None:
    """Nobody asked to be told."""
