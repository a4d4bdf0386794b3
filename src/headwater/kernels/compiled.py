"""How every hot loop is compiled."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Given = ParamSpec("Given")
Result = TypeVar("Result")


def compiled(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Compile at the first call and keep the result on disk: no threads, no reordering of sums, no interpreter lock."""
    return cast("Callable[Given, Result]", njit(function, cache=True, nogil=True))
