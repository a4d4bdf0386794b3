"""Which of the known cases an origin is: the sentence that a court needs beside the general frame."""

from collections.abc import Callable, Iterator, Mapping

from headwater.origin.signals import Signal
from headwater.origin.unseen import Unseen
from headwater.origin.weigh import Origin

Values = Mapping[str, str]


def cases_of(origin: Origin) -> Iterator[tuple[str, Values]]:
    """The number of each case that fits, with what its sentence is filled with."""
    for number, fits in _FITS.items():
        values = fits(origin)
        if values is not None:
            yield number, values


def _first(origin: Origin, *names: str, side: str = "", level: int = 0) -> Signal | None:
    return next(
        (
            one
            for one in origin.signals
            if one.id in names and one.level >= level and (not side or one.side == side) and (one.level or not level)
        ),
        None,
    )


def _values(signal: Signal | None) -> Values | None:
    return None if signal is None else signal.values


def _says(origin: Origin, *rules: str) -> bool:
    return origin.verdict.rule.id in rules


def _case_1(origin: Origin) -> Values | None:
    return _values(_first(origin, "S1", "S2", side="g", level=4)) if _says(origin, "T4", "T10") else None


def _case_2(origin: Origin) -> Values | None:
    numbers = origin.numbers
    is_unsigned = max(numbers.g, numbers.e, numbers.c) <= 2 and _first(origin, "S4", level=1) is None
    return {} if _says(origin, "T11") and is_unsigned else None


def _case_3(origin: Origin) -> Values | None:
    signal = _first(origin, "S7", level=3)
    return signal.values if signal and "path" in signal.values else None


def _case_3b(origin: Origin) -> Values | None:
    return {} if _first(origin, "S8") and not _first(origin, "S7", level=3) else None


def _case_4(origin: Origin) -> Values | None:
    is_unsigned = max(origin.numbers.g, origin.numbers.e) <= 2
    return _values(_first(origin, "S10", level=1)) if _says(origin, "T11") and is_unsigned else None


def _case_4b(origin: Origin) -> Values | None:
    return {} if _says(origin, "T6") and _first(origin, "S6", side="e", level=2) else None


def _case_5(origin: Origin) -> Values | None:
    is_empty = not any(one.level for one in origin.signals) and origin.carrier is None
    return {} if _says(origin, "T2") and is_empty and not _open(origin) else None


def _case_5b(origin: Origin) -> Values | None:
    return {} if _says(origin, "T5") and _first(origin, "S6", side="e", level=2) else None


def _case_6(origin: Origin) -> Values | None:
    return _values(_first(origin, "S9", level=2))


def _case_7(origin: Origin) -> Values | None:
    return {} if origin.carrier and not origin.carrier.near else None


def _case_8(origin: Origin) -> Values | None:
    return {} if _says(origin, "T3", "T7") else None


def _case_8b(origin: Origin) -> Values | None:
    return {"near": origin.carrier.near} if origin.carrier and origin.carrier.near else None


def _case_9(origin: Origin) -> Values | None:
    return _values(_first(origin, "S2", "S4", side="e", level=2))


def _case_10(origin: Origin) -> Values | None:
    return _values(_first(origin, "S5"))


def _case_11(origin: Origin) -> Values | None:
    return _values(_first(origin, "S3", side="c", level=4)) if _says(origin, "T9") else None


def _case_12(origin: Origin) -> Values | None:
    """Also of nothing found: what was not looked at may have held it."""
    one = _open(origin)
    if not (_says(origin, "T12", "T2") and one):
        return None
    state = "failed" if one.state == "failed" else "was not run"
    return {"examiner": one.examiner, "state": state, "reason": one.reason or "no reason is kept"}


def _open(origin: Origin) -> Unseen | None:
    return next((each for each in origin.unseen if each.side), None)


def _case_13(origin: Origin) -> Values | None:
    signed = _first(origin, "S1", "S2", level=4)
    return {} if _says(origin, "T11") and signed and _first(origin, "S10", level=1) else None


def _case_preview(origin: Origin) -> Values | None:
    signal = _first(origin, "S12")
    return signal.values if signal and "failed" in signal.values else None


_FITS: Mapping[str, Callable[[Origin], Values | None]] = {
    "1": _case_1, "2": _case_2, "3": _case_3, "3b": _case_3b, "4": _case_4, "4b": _case_4b, "5": _case_5,
    "5b": _case_5b, "6": _case_6, "7": _case_7, "8": _case_8, "8b": _case_8b, "9": _case_9, "10": _case_10,
    "11": _case_11, "12": _case_12, "13": _case_13, "preview": _case_preview,
}  # fmt: skip
