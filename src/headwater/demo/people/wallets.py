"""Addresses of wallets that nobody holds: random bytes where a key's digest would be, with the right check.

Formats: BIP 173 and 350 (bech32, bech32m), EIP-55, the Monero addresses of CryptoNote (block base 58, Keccak).
"""

from hashlib import sha256

import numpy as np

from headwater.demo.people.keccak import keccak_256

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_POLYNOMIAL = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_XMR_LENGTHS = (0, 2, 3, 5, 6, 7, 9, 10, 11)  # signs for so many bytes of a block


def some_wallet(rng: np.random.Generator) -> tuple[str, str]:
    """Invent a wallet: its coin, and its address."""
    kind = int(rng.integers(4))
    if kind == 0:
        return "BTC", segwit(0, rng.bytes(20))
    if kind == 1:
        return "BTC", segwit(1, rng.bytes(32))
    return ("ETH", ethereum(rng.bytes(20))) if kind == 2 else ("XMR", monero(rng.bytes(64)))


def segwit(version: int, program: bytes) -> str:
    """Spell a witness program as an address: bech32 for version 0, bech32m from 1 (taproot) on."""
    number, bits = int.from_bytes(program, "big"), 8 * len(program)
    number, bits = number << -bits % 5, bits + -bits % 5
    words = [version, *(number >> shift & 31 for shift in range(bits - 5, -1, -5))]
    head = [3, 3, 0, 2, 3]  # "bc" spread out
    sum_ = _polymod([*head, *words, 0, 0, 0, 0, 0, 0]) ^ (0x2BC830A3 if version else 1)
    words += [sum_ >> 5 * (5 - place) & 31 for place in range(6)]
    return "bc1" + "".join(_BECH32[word] for word in words)


def _polymod(words: list[int]) -> int:
    total = 1
    for word in words:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ word
        for place, part in enumerate(_POLYNOMIAL):
            total ^= part if top >> place & 1 else 0
    return total


def ethereum(account: bytes) -> str:
    """Spell 20 bytes with the capitals that EIP-55 uses as a check."""
    text = account.hex()
    check = keccak_256(text.encode()).hex()
    return "0x" + "".join(sign.upper() if int(mark, 16) > 7 else sign for sign, mark in zip(text, check, strict=False))


def monero(keys: bytes) -> str:
    """Spell the place of two public keys as a main-net address."""
    body = b"\x12" + keys
    body += keccak_256(body)[:4]
    return "".join(_block(body[start : start + 8]) for start in range(0, len(body), 8))


def _block(data: bytes) -> str:
    number, signs = int.from_bytes(data, "big"), ""
    while number:
        number, left = divmod(number, 58)
        signs = _BASE58[left] + signs
    return signs.rjust(_XMR_LENGTHS[len(data)], "1")


def short_secret(*parts: object) -> str:
    """Digest the parts as a platform keeps its passwords."""
    return sha256(":".join(map(str, parts)).encode()).hexdigest()[:40]
