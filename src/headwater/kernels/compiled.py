"""How every hot loop is compiled."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Given = ParamSpec("Given")
Result = TypeVar("Result")


def compiled(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Compile at the first call and keep the result on disk: no threads, no reordering of sums, no interpreter lock.

    Where no folder for it can be written, nothing is kept, and the next process compiles anew.
    """
    try:
        made = njit(function, cache=True, nogil=True)
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        made = njit(function, nogil=True)
    return cast("Callable[Given, Result]", made)
