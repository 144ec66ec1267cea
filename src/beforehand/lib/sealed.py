"""Secrets at rest: passwords and tokens that we must be able to say again, encrypted with a key of this house.

Fernet (AES-128 in CBC, HMAC-SHA256) with keys that HKDF-SHA256 derives from the secret in force and those it replaced:
the first seals, all open. A copy of the database alone opens nothing.
"""

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from beforehand.lib.signing import own_keys
from beforehand.lib.trouble import Trouble


def seal(value: Any, purpose: str) -> str:
    """Any JSON value as text that only this house reads, for one purpose."""
    return _box(purpose).encrypt(json.dumps(value).encode()).decode()


def unseal(text: str, purpose: str) -> Any:
    """What was sealed. Raises Trouble where the key that sealed it is gone."""
    try:
        return json.loads(_box(purpose).decrypt(text.encode()))
    except InvalidToken:
        raise Trouble(
            _("The secret key was changed, so what was kept under the old one cannot be read. Enter it again.")
        ) from None


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, purpose)) for key in own_keys()])


def _derived(key: bytes, purpose: str) -> bytes:
    made = HKDF(hashes.SHA256(), 32, salt=None, info=b"beforehand.sealed\x00" + purpose.encode()).derive(key)
    return base64.urlsafe_b64encode(made)
