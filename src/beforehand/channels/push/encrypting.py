"""A push for one device, as RFC 8291 says: a key agreed with the device, AES-128-GCM, in one record (RFC 8188)."""

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096
LONGEST = 3900
LAST_RECORD = b"\x02"


def encrypt(
    plain: bytes, device: bytes, auth: bytes, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """The body of a push. `device`: its public key as a point; `auth`: the secret that it gave. `own` and `salt` are
    new for each message; tests name them. Raises ValueError for a key that is none, or more than a push holds.
    """
    if len(plain) > LONGEST:
        raise ValueError("A push holds at most 3900 bytes.")
    own, salt = own or ec.generate_private_key(CURVE), salt or secrets.token_bytes(16)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, device)
    ours = point(own)
    agreed = _derive(own.exchange(ec.ECDH(), theirs), auth, b"WebPush: info\0" + device + ours, 32)
    key = _derive(agreed, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(agreed, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, plain + LAST_RECORD, None)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as an uncompressed point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
