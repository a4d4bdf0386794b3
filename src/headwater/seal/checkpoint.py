"""Signed checkpoints: who vouches that a chain had this many entries and this head.

The layout is that of C2SP signed-note (c2sp.org/signed-note) and tlog-checkpoint (c2sp.org/tlog-checkpoint), so that
any holder of the public key can check one by a program of their own: origin, size, base64 of 32 bytes, an empty line, a
signature line. The 32 bytes are the CHAIN HEAD, the digest of the last entry counted. They are not a Merkle root: there
are no inclusion proofs, and consistency is shown by the chain itself.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from headwater.seal.keys import Signer, key_id, signature_holds

NOTE_LINES = 5  # of a signed note with one signature
_ED25519 = b"\x01"  # signature type identifier of signed-note
_HASH_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """origin: which chain. size: how many entries. head: digest of the last of them, 64 hexadecimal digits."""

    origin: str
    size: int
    head: str

    def text(self) -> str:
        """The three signed lines."""
        return f"{self.origin}\n{self.size}\n{b64encode(bytes.fromhex(self.head)).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The signed note: five lines, the last one too with its end."""
    text = checkpoint.text()
    signature = _key_hash(signer.public_key) + signer.sign(text.encode())
    return f"{text}\n— {_key_name(signer.public_key)} {b64encode(signature).decode()}\n"


def open_checkpoint(note: str, public_keys: Iterable[bytes]) -> tuple[Checkpoint, str]:
    """Read a signed note, check it against the known keys, and say whose it is, by key id.

    Raises ValueError with what does not hold.
    """
    lines = note.split("\n")
    if len(lines) != NOTE_LINES + 1 or lines[3] or lines[5]:
        raise ValueError("not a signed checkpoint")
    checkpoint = _checkpoint(*lines[:3])
    text = checkpoint.text()
    for public_key in public_keys:
        prefix = f"— {_key_name(public_key)} "
        if lines[4].startswith(prefix):
            signature = _base64(lines[4].removeprefix(prefix))
            key_hash, signed = signature[:_HASH_BYTES], signature[_HASH_BYTES:]
            if key_hash == _key_hash(public_key) and signature_holds(public_key, signed, text.encode()):
                return checkpoint, key_id(public_key)
            raise ValueError("the signature does not hold")
    raise ValueError("signed by a key that is not known here")


def _checkpoint(origin: str, size: str, head: str) -> Checkpoint:
    digest = _base64(head)
    if not (size.isascii() and size.isdigit()) or size != str(int(size)) or len(digest) != sha256().digest_size:
        raise ValueError("not a signed checkpoint")
    return Checkpoint(origin=origin, size=int(size), head=digest.hex())


def _base64(text: str) -> bytes:
    """Decode base64 that has one spelling only. Raises ValueError."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data


def _key_name(public_key: bytes) -> str:
    return f"headwater-{key_id(public_key)}"


def _key_hash(public_key: bytes) -> bytes:
    """signed-note, section Signatures: the first four bytes of SHA-256 over name, newline, type and key."""
    return sha256(_key_name(public_key).encode() + b"\n" + _ED25519 + public_key).digest()[:_HASH_BYTES]
