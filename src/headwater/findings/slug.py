"""An exhibit reference as the name of a folder."""

from hashlib import sha256

from headwater.model.errors import WrongUse

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_LONGEST = 160


def exhibit_slug(reference: str) -> str:
    """Return a folder name for any reference; two references never share one.

    Letters, digits, ``-``, ``_`` and inner ``.`` stay; other bytes of the UTF-8 become ``%2F``. A name that would be
    too long for a file system ends in ``~`` and the SHA-256 of the reference. Raises WrongUse for an empty one.
    """
    if not reference:
        raise WrongUse("an exhibit needs a reference", next_step="Give one: --exhibit LH-01")
    raw = reference.encode("utf-8", "surrogatepass")
    slug = "".join(chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in raw)
    if slug.startswith("."):
        slug = "%2E" + slug[1:]
    return slug if len(slug) <= _LONGEST else f"{slug[: _LONGEST - 65]}~{sha256(raw).hexdigest()}"
