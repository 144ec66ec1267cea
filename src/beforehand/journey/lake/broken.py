"""What is said when the lake's files are not what the manifest says."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from beforehand.lib.trouble import Trouble


class LakeBroken(Trouble):
    """A file of the lake is missing or cannot be read. The message says which, and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(
            _(
                "The lake cannot be read: %(path)s %(reason)s. Nothing is lost, the record has every touchpoint."
                " Run “beforehand lake rebuild” to make the lake again."
            )
            % {"path": path, "reason": reason}
        )


@contextmanager
def blaming(paths: Sequence[Path]) -> Iterator[None]:
    """Turn DuckDB's errors inside into `LakeBroken` where one of these files is the cause."""
    try:
        yield
    except duckdb.Error as error:
        for path in paths:
            if fault := fault_of(path):
                raise LakeBroken(path, fault) from error
        raise


def fault_of(path: Path, whole: bool = True) -> str:
    """What is wrong with a Parquet file; empty when nothing is. `whole` reads all of it, not its foot alone."""
    try:
        with pq.ParquetFile(path) as file:
            if whole:
                for group in range(file.num_row_groups):
                    file.read_row_group(group)
    except FileNotFoundError:
        return _("is missing")
    except PermissionError:
        return _("may not be read by this user")
    except (OSError, pa.ArrowException) as error:
        return _("is damaged (%(error)s)") % {"error": str(error).splitlines()[0][:200]}
    return ""
