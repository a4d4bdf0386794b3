"""The Ed25519 key this user signs custody and checkpoints with (RFC 8032). It lives outside every workspace."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.seal.files import TEMPORARY, sync_folder, write_new

KEY_FILE = "signing-key.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A signing key. public_key: 32 raw bytes."""

    public_key: bytes
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def key_id(self) -> str:
        return key_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `message`."""
        return self._private.sign(message)


def key_id(public_key: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the raw public key."""
    return sha256(public_key).hexdigest()[:16]


def signature_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is that key's over `message`. A key or signature of the wrong length does not hold."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def config_folder() -> Path:
    """HEADWATER_CONFIG_DIR, or headwater/ in XDG_CONFIG_HOME or ~/.config (XDG Base Directory Specification)."""
    if chosen := os.environ.get("HEADWATER_CONFIG_DIR"):
        return Path(chosen)
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".config") / "headwater"


def load_signer(folder: Path | None = None) -> Signer:
    """This user's key, made on first use. Raises WrongUse for loose permissions, DoesNotVerify for a damaged key."""
    folder = folder or config_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_private(folder, stat.S_ISDIR, "700")
    path = folder / KEY_FILE
    if not path.exists():
        _make(path)
    return _read(path)


def find_signer(folder: Path | None = None) -> Signer | None:
    """This user's key, or None where none was made yet. Makes nothing."""
    folder = folder or config_folder()
    return load_signer(folder) if (folder / KEY_FILE).exists() else None


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    write_new(temporary, pem)
    try:
        path.hardlink_to(temporary)  # two processes at once: the first one's key stays
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    sync_folder(path.parent)


def _read(path: Path) -> Signer:
    _check_private(path, stat.S_ISREG, "600")
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _damaged(path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _damaged(path)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(public_key=public, _private=private)


def _damaged(path: Path) -> DoesNotVerify:
    return DoesNotVerify(
        f"not an Ed25519 key: {path}",
        names=(str(path),),
        next_step="Put the key back from its copy, or move the file away: a new key is made and recorded.",
    )


def _check_private(path: Path, is_kind: Callable[[int], bool], mode: str) -> None:
    status = path.lstat()
    if not is_kind(status.st_mode):
        raise WrongUse(f"neither a plain file nor a folder: {path}", next_step="Links are not followed here: move it.")
    if status.st_uid != os.geteuid():
        raise WrongUse(f"another user owns {path}", next_step="Set HEADWATER_CONFIG_DIR to a folder of your own.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise WrongUse(f"others may read or write {path}", next_step=f"chmod {mode} '{path}'")
