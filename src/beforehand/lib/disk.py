"""What must outlive a loss of power."""

import os
from pathlib import Path


def settle(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
