"""Numbers that identify: telephone, IBAN, card, device, and addresses on networks. Their check digits are right."""

import numpy as np

from headwater.demo.people.countries import Country

HOME_BLOCK_BITS = 12  # of 198.18.0.0/15 each country has 4,096 addresses
SHARED_EXITS = tuple(f"203.0.113.{number}" for number in range(5, 25))  # VPN exits used by people of all countries


def phone_number(country: Country, rng: np.random.Generator) -> str:
    """Invent a telephone number in E.164."""
    begin, free = country.phones[int(rng.integers(len(country.phones)))]
    return f"+{begin}{int(rng.integers(10**free)):0{free}d}"


def iban(country: Country, rng: np.random.Generator) -> str:
    """Invent an IBAN whose check digits are right (ISO 13616, ISO 7064 MOD 97-10); nothing where there are none."""
    if not country.bban:
        return ""
    digits = iter(rng.integers(0, 10, len(country.bban)).tolist())
    bban = _national(country.code, "".join(str(next(digits)) if sign == "9" else sign for sign in country.bban))
    return f"{country.code}{98 - _mod_97(f'{bban}{country.code}00'):02d}{bban}"


def _mod_97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def _national(code: str, bban: str) -> str:
    """Put in the check digits that some countries keep inside as well."""
    if code == "BE":
        return bban[:10] + f"{int(bban[:10]) % 97 or 97:02d}"
    if code == "ES":
        return bban[:8] + _spanish("00" + bban[:8]) + _spanish(bban[10:]) + bban[10:]
    if code == "FR":
        return bban[:21] + f"{97 - int(bban[:21] + '00') % 97:02d}"
    if code == "PT":
        return bban[:19] + f"{98 - int(bban[:19] + '00') % 97:02d}"
    return _norwegian(bban) if code == "NO" else bban


def _spanish(digits: str) -> str:
    left = 11 - sum(int(digit) * 2**place % 11 * int(digit != "0") for place, digit in enumerate(digits)) % 11
    return str({10: 1, 11: 0}.get(left, left))


def _norwegian(bban: str) -> str:
    """Weigh ten digits (modulus 11); where no single digit fits, the tenth is another."""
    body = bban[:10]
    while True:
        left = (
            -sum(int(digit) * weight for digit, weight in zip(body, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        )
        if left < 10:
            return body + str(left)
        body = body[:9] + str((int(body[9]) + 1) % 10)


def fingerprint(rng: np.random.Generator) -> str:
    """Invent what a payment service calls a card: never a card number."""
    return f"{int(rng.integers(1, 2**62)):016x}"


def device(rng: np.random.Generator) -> str:
    """Invent the identifier that a platform keeps of a device."""
    return f"{int(rng.integers(1, 2**47)):012x}"


def home_address(nation: int, household: int, rng: np.random.Generator) -> str:
    """Give a household its own address: IPv6, for some IPv4."""
    if rng.random() < 0.3:
        inside = nation << HOME_BLOCK_BITS | int(rng.integers(256, 1 << HOME_BLOCK_BITS))
        return f"198.{18 + (inside >> 16)}.{inside >> 8 & 255}.{inside & 255}"
    return f"2001:db8:{nation + 1:x}:{household:x}::{int(rng.integers(2, 250)):x}"


def mobile_address(nation: int, rng: np.random.Generator) -> str:
    """Give an address behind a carrier's translation: many people share it."""
    return f"100.{64 + nation}.{int(rng.integers(0, 3))}.{int(rng.integers(1, 255))}"
