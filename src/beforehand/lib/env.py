"""Typed reading of environment variables: a value that makes no sense is refused with a sentence, not guessed at."""

import os
from urllib.parse import urlsplit

from beforehand.lib.hosts import is_loopback


class BadSetting(Exception):
    """A setting in the environment cannot be used; the message says which and why."""


def text(name: str, default: str = "") -> str:
    """The variable, or what stands in the file that `<name>_FILE` points to, so that secrets can stay in files."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            with open(path, encoding="utf-8") as file:
                return file.read().strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be yes or no, not “{value}”.")


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not “{value}”.") from None


def address(name: str, plain: bool = False) -> str:
    """Where a server outside is asked: by https, or by http on this very machine; anywhere by http where `plain`."""
    value = text(name).rstrip("/")
    try:
        where = urlsplit(value)
        host = where.hostname or ""
    except ValueError:
        where, host = urlsplit(""), ""
    if value and not (host and (where.scheme == "https" or (where.scheme == "http" and (plain or is_loopback(host))))):
        raise BadSetting(f"{name} must begin with https://. Only for this machine http:// will do.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
