"""Keccak-256 as Ethereum and Monero use it: the submission of 2011, before SHA-3 changed the padding."""

_RATE_BYTES = 136
_MASK = (1 << 64) - 1


def keccak_256(data: bytes) -> bytes:
    """Compute the 32-byte digest."""
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % _RATE_BYTES))
    padded[-1] |= 0x80
    state = [0] * 25
    for start in range(0, len(padded), _RATE_BYTES):
        for place in range(_RATE_BYTES // 8):
            state[place] ^= int.from_bytes(padded[start + 8 * place : start + 8 * place + 8], "little")
        state = _permuted(state)
    return b"".join(lane.to_bytes(8, "little") for lane in state[:4])


def _turned(lane: int, bits: int) -> int:
    return (lane << bits | lane >> (64 - bits)) & _MASK if bits else lane


def _rounds() -> tuple[int, ...]:
    """Make the round constants from the shift register of the specification (section 1.2)."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            constant |= (register & 1) << ((1 << power) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


def _path() -> tuple[tuple[int, int, int], ...]:
    """Walk the lanes as rho and pi do: from, to, and how far each is turned."""
    x, y, steps = 1, 0, []
    for step in range(24):
        other = y, (2 * x + 3 * y) % 5
        steps.append((x + 5 * y, other[0] + 5 * other[1], (step + 1) * (step + 2) // 2 % 64))
        x, y = other
    return tuple(steps)


_CONSTANTS, _PATH = _rounds(), _path()


def _permuted(state: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20] for x in range(5)]
        mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[place % 5] for place, lane in enumerate(state)]
        moved = [lanes[0]] + [0] * 24
        for source, target, bits in _PATH:
            moved[target] = _turned(lanes[source], bits)
        state = [
            moved[place] ^ (~moved[row + (place + 1) % 5] & moved[row + (place + 2) % 5])
            for place in range(25)
            for row in [place // 5 * 5]
        ]
        state[0] ^= constant
    return state
