"""NovelAI's signature: Ed25519 over the RGB bytes of the picture, row by row, and the comment without the signature.

Scheme and public key as published: https://github.com/NovelAI/novelai-image-metadata, nai_sig.py. The comment is
signed as Python's ``json.dumps`` writes it. Their own correction of damaged pixels is not done here: a picture whose
colours changed does not verify.
"""

import json
from base64 import b64decode
from binascii import Error

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from headwater.formats.generators.strict_json import as_object, read_json
from headwater.model.errors import EvidenceError

PUBLIC_KEY = b64decode("Y2JcQAOhLwzwSDUJPNgL04nS0Tbqm7cSRc4xk0vRMic=")
_MEMBER = "signed_hash"


def verifies(colours: bytes, comment: str, key: bytes = PUBLIC_KEY) -> bool:
    """Whether the signature inside the comment is over these colours and the rest of the comment, by this key."""
    try:
        value = as_object(read_json(comment))
        signature = b64decode(str(value.pop(_MEMBER, "")), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, colours + json.dumps(value).encode())
    except (EvidenceError, Error, ValueError, InvalidSignature):
        return False
    return True
