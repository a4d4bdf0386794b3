"""The nineteen countries, each with numbers that belong to nobody.

Telephone: ranges that regulators keep for films and plays (Ofcom, ARCEP, BNetzA, PTS, NANPA), else a beginning that the
country's numbering plan gives to no network. IBAN: the lengths of the ISO 13616 registry, and a bank there is not.
Addresses: RFC 2544, 3849 and 6598, which no public network uses.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country. `bban` is how its IBAN goes on: letters are a bank there is not, ``9`` any digit."""

    code: str
    phones: tuple[tuple[str, int], ...]  # how numbers begin, and how many digits are free
    bban: str = ""


def _country(code: str, bban: str, *phones: tuple[str, int]) -> Country:
    return Country(code=code, phones=phones, bban=bban)


_NANPA_US = ("202", "212", "213", "303", "305", "312", "404", "415", "503", "512", "602", "617", "702", "713", "801")
_NANPA_CA = ("204", "250", "306", "403", "416", "506", "514", "604", "613", "902")
_BRITISH = ("447700900", "442079460", "441134960", "441214960", "441314960")
_GERMAN = ("493023125", "496990009", "494066969", "492214710", "498999998")
_SWEDISH = ("463139006", "464062804", "468465004", "469803192")
ALL: tuple[Country, ...] = (
    _country("DK", "00009999999999", ("4510", 6)),
    _country("DE", "000000009999999999", *((begin, 3) for begin in _GERMAN)),
    _country("SE", "00099999999999999999", *((begin, 2) for begin in _SWEDISH)),
    _country("NO", "00019999999", ("4710", 6)),
    _country("FI", "00000099999999", ("35899", 7)),
    _country("NL", "HWDM9999999999", ("3197", 7)),
    _country("BE", "000999999999", ("3210", 7)),
    _country("FR", "00000000009999999999999", ("3363998", 4), ("3319900", 4)),
    _country("ES", "00000000999999999999", ("3410", 7)),
    _country("PT", "000000009999999999999", ("35110", 7)),
    _country("IT", "X0000000000999999999999", ("3910", 8)),
    _country("AT", "0000099999999999", ("4397", 9)),
    _country("CH", "00000999999999999", ("4110", 7)),
    _country("PL", "000000009999999999999999", ("4810", 7)),
    _country("GB", "HWDM00000099999999", *((begin, 3) for begin in _BRITISH)),
    _country("GR", "00000009999999999999999", ("3010", 8)),
    _country("BG", "HWDM00000099999999", ("35910", 7)),
    _country("US", "", *((f"1{area}55501", 2) for area in _NANPA_US)),
    _country("CA", "", *((f"1{area}55501", 2) for area in _NANPA_CA)),
)
CODES: tuple[str, ...] = tuple(one.code for one in ALL)
