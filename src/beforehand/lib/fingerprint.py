"""A short name for what some files contain: it changes when they do, and is the same on every machine."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of(folders: Iterable[Path]) -> str:
    """Twelve letters and figures that stand for every file below the folders, by name and content."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
