"""The seeds of a judgement follow from the commit, so that nobody can tune on them; tuning uses small numbers."""

import hashlib
import subprocess
from pathlib import Path

TUNING = range(1, 1000)
"""Seeds to develop on. A judging seed is never one of these."""


def commit() -> str:
    """The commit that is checked out. Without git: a word that says so, and so always the same seeds."""
    try:
        command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "no git"


def judging(section: str, count: int, of: str | None = None) -> list[int]:
    """So many seeds for a section, from the commit."""
    text = of or commit()
    drawn = (hashlib.sha256(f"{text} {section} {n}".encode()).digest() for n in range(count))
    return [int.from_bytes(digest[:6], "big") + TUNING.stop for digest in drawn]


def tuning(count: int) -> list[int]:
    return list(TUNING)[:count]
