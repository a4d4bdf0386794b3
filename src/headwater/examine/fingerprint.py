"""The fingerprint and the digests of one file, as a library gives them: for a platform's own check of uploads.

It decodes in the process that calls it. Whoever calls it with what strangers send runs it where a decoder that is
taken over can do no harm, as Headwater's own workers are jailed.
"""

from collections.abc import Mapping
from hashlib import md5, sha1, sha256
from typing import BinaryIO

from headwater.examine.decode import Decoding, decodable, read_picture
from headwater.formats.signature import media_type
from headwater.kernels.pdq import Pdq, Rows, dihedral
from headwater.kernels.pdq_parts import insides, part_hashes, small_luma, turned_hashes
from headwater.model.errors import LimitReached, UnknownFormat
from headwater.model.fingerprint import Fingerprint
from headwater.model.known import QUALITY_MIN

LIMIT_BYTES = 256 << 20
_HEAD_BYTES = 1 << 16


def digests(data: bytes | BinaryIO) -> Mapping[str, str]:
    """MD5, SHA-1 and SHA-256 of a file, lowercase hexadecimal. Raises LimitReached above LIMIT_BYTES."""
    whole = _whole(data)
    made = {"md5": md5(whole, usedforsecurity=False), "sha1": sha1(whole, usedforsecurity=False)}
    return {name: digest.hexdigest() for name, digest in {**made, "sha256": sha256(whole)}.items()}


def fingerprint(data: bytes | BinaryIO) -> Fingerprint:
    """What a picture file is found by, as the examiner `perceptual` makes it.

    Raises EvidenceError, of which UnknownFormat is one, where it is no picture that is decoded here.
    """
    whole = _whole(data)
    kind = media_type(whole[:_HEAD_BYTES], len(whole))
    if not decodable(kind):
        raise UnknownFormat(f"{kind} is not decoded")
    return of_pixels(read_picture(whole, kind, Decoding()), sha256(whole).hexdigest())


def of_pixels(picture: Rows, digest: str) -> Fingerprint:
    """What a decoded picture is found by. digest: SHA-256 of its file."""
    hashes = dihedral(picture)
    quality, texts = hashes[0].quality, _texts(hashes)
    if quality < QUALITY_MIN:
        return Fingerprint(sha256=digest, quality=quality, whole=texts)
    small = small_luma(picture)
    return Fingerprint(
        sha256=digest,
        quality=quality,
        whole=texts,
        turned=_texts(turned_hashes(small)),
        insides=tuple(_texts(each.hashes) for each in insides(small) if each.hashes[0].quality >= QUALITY_MIN),
        parts=tuple(str(part) if part.quality >= QUALITY_MIN else "" for part in part_hashes(small)),
    )


def _texts(hashes: tuple[Pdq, ...]) -> tuple[str, ...]:
    return tuple(map(str, hashes))


def _whole(data: bytes | BinaryIO) -> bytes:
    whole = data if isinstance(data, bytes) else data.read(LIMIT_BYTES + 1)
    if len(whole) > LIMIT_BYTES:
        raise LimitReached(f"more than {LIMIT_BYTES >> 20} MiB are not taken at once")
    return whole
