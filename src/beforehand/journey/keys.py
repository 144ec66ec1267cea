"""Write keys as the collector knows them: in memory, looked up by their hash, some seconds old at most."""

import hashlib
import hmac
import math
import time
from typing import NamedTuple

from django.utils.crypto import salted_hmac

from beforehand.journey.models import Source, WriteKey
from beforehand.journey.models.intake import digest_of


class Key(NamedTuple):
    """A key in force: its id, its source, whether it is public, where from and how fast it may be used."""

    id: int
    source: int
    browser: bool
    origins: frozenset[str]
    per_second: int | None


class Bucket:
    """Tokens that come back with time. A batch may overdraw it, and then the next one waits for that."""

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self.tokens, self.seen = float(per_second), time.monotonic()

    def take(self, count: int) -> int:
        """0 when there was room, else after how many whole seconds to come again."""
        now = time.monotonic()
        self.tokens = min(float(self.per_second), self.tokens + (now - self.seen) * self.per_second)
        self.seen = now
        if self.tokens < 1:
            return max(1, math.ceil((1 - self.tokens) / self.per_second))
        self.tokens -= count
        return 0


class Ring:
    """All keys in force. `refresh` reads them anew; a record that does not answer leaves them as they were."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self.buckets: dict[int, Bucket] = {}

    def refresh(self) -> None:
        rows = WriteKey.objects.filter(revoked=None).values_list(
            "digest", "id", "source_id", "source__kind", "origins", "per_second"
        )
        self.keys = {
            digest: Key(pk, source, kind == Source.Kind.BROWSER, frozenset(origins), per_second)
            for digest, pk, source, kind, origins, per_second in rows
        }

    def find(self, text: str) -> Key | None:
        """The key of this text. It is found by a hash of it, so how long that takes tells nothing about it."""
        return self.keys.get(digest_of(text))

    def wait(self, key: Key, count: int) -> int:
        """Take room for so many messages: 0, or the seconds after which there is some."""
        if key.per_second is None:
            return 0
        bucket = self.buckets.get(key.id)
        if bucket is None or bucket.per_second != key.per_second:
            bucket = self.buckets[key.id] = Bucket(key.per_second)
        return bucket.take(count)


def identity_secret() -> str:
    """The secret with which the company's own server signs user ids for its browsers."""
    return salted_hmac("beforehand.journey.identity", "", algorithm="sha256").hexdigest()


def identity_token(user_id: str) -> str:
    """What a browser sends as `context.identityToken`, so that its userId counts as proved: HMAC-SHA256, in hex."""
    return hmac.new(identity_secret().encode(), user_id.encode(), hashlib.sha256).hexdigest()


def vouches(token: str, user_id: str) -> bool:
    """Whether the token was made for this user id."""
    return hmac.compare_digest(token.encode(), identity_token(user_id).encode())
