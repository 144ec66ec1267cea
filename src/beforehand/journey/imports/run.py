"""The verb: a file into the record, the journeys and the lake."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import ModuleType

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from duckdb import DuckDBPyConnection

from beforehand.customers.identity import Claim, identify
from beforehand.journey import catalogue, journeys, lake
from beforehand.journey.imports import delimited, json_lines, parquet, rejects, staging, times, xes
from beforehand.journey.imports.columns import Columns, settle
from beforehand.journey.imports.table import ImportFailed, Table
from beforehand.journey.models import ImportRun, Source
from beforehand.journey.needs import upkeep
from beforehand.journey.promises import projection as promises
from beforehand.journey.record import insert
from beforehand.journey.wire import posthog
from beforehand.lib.fields import from_micros, to_micros
from beforehand.team.models import Workspace

FORMATS: tuple[ModuleType, ...] = (delimited, json_lines, parquet, xes)
PEOPLE_AT_ONCE = 50_000
ROWS_AT_ONCE = 100_000
LONGEST_SOURCE = 120
FUTURE = staging.DAY
BOOKKEEPING = {"$identify", "$alias", "$group", *posthog.KINDS}

Progress = Callable[[str, int, int | None], None]
Tell = Callable[[Table, Columns, times.Reading], None]


@dataclass
class Request:
    """What to import and how. Everything but the path may be left to be guessed."""

    path: Path
    columns: dict[str, str | None] = field(default_factory=dict)
    properties: Sequence[str] | None = None
    customer_kind: str | None = None
    source: str = "import"
    encoding: str | None = None
    delimiter: str | None = None
    time_format: str | None = None
    zone: str | None = None
    any_time: bool = False


@dataclass(frozen=True)
class Summary:
    """What came of an import. read = added + there + rejected."""

    read: int
    added: int
    there: int
    rejected: int
    reasons: Counter[str]
    rejects: Path | None
    customers: int
    names: int
    first: datetime | None
    last: datetime | None
    mapped_otherwise: bool


def import_file(request: Request, progress: Progress, tell: Tell) -> Summary:
    """Import a file. Doing it again adds nothing; doing it again after it was stopped adds what was missing.

    `tell` is called once with how the file will be read, before anything is written.
    """
    received = to_micros(timezone.now())
    zone = request.zone or Workspace.own().zone
    with _folder() as folder, staging.opened(folder, zone) as db:
        progress("Reading", 0, None)
        table = _table(request, folder)
        sample = table.sample(db, [*filter(None, request.columns.values()), *(request.properties or [])])
        if not any(sample.values()):
            db.execute(staging.BAD)
            raise ImportFailed(_nothing(*_reject(request, db, table, received)))
        columns = settle(sample, table.suggested | told(request.columns), request.properties, request.customer_kind)
        largest = staging.extremes(db, table, columns.time)
        reading = times.reading(sample[columns.time], zone, largest, request.time_format)
        tell(table, columns, reading)
        staging.stage(db, table, columns, reading, None if request.any_time else received + FUTURE)
        run, summary = _load(request, db, table, columns, received, progress)
    _finish(progress)  # when what was staged is out of memory
    ImportRun.objects.filter(pk=run.pk).update(
        finished=timezone.now(), read=summary.read, added=summary.added, rejected=summary.rejected
    )
    return summary


def told(columns: dict[str, str | None]) -> dict[str, str | None]:
    return {role: column for role, column in columns.items() if column}


def _load(
    request: Request, db: DuckDBPyConnection, table: Table, columns: Columns, received: int, progress: Progress
) -> tuple[ImportRun, Summary]:
    source = _source(request.source)
    mapping = columns.as_json()
    earlier = ImportRun.objects.filter(source=source, file=request.path.name[-400:]).exclude(mapping=mapping).exists()
    run = ImportRun.objects.create(source=source, file=request.path.name[-400:], mapping=mapping)
    staging.rename(db, _shown)
    with staging.repeats(db):
        _know_people(db, columns.customer_kind, progress)
    ready = staging.settle(db)
    reasons, path = _reject(request, db, table, received)
    if ready == 0:
        raise ImportFailed(_nothing(reasons, path))
    added = _write(db, source.pk, received, ready, progress)
    people, names, first, last = staging.overview(db)
    rejected = reasons.total()
    return run, Summary(
        read=ready + rejected,
        added=added,
        there=ready - added,
        rejected=rejected,
        reasons=reasons,
        rejects=path if rejected else None,
        customers=people,
        names=names,
        first=None if first is None else from_micros(first),
        last=None if last is None else from_micros(last),
        mapped_otherwise=earlier and added == 0,
    )


def _source(name: str) -> Source:
    if not name or len(name) > LONGEST_SOURCE:
        raise ImportFailed(f"A source's name has 1 to {LONGEST_SOURCE} characters.")
    source, _ = Source.objects.get_or_create(name=name, defaults={"kind": Source.Kind.IMPORT})
    if source.kind != Source.Kind.IMPORT:
        raise ImportFailed(f"The source “{name}” is for {source.get_kind_display()}. Name another with --source.")
    return source


def _reject(request: Request, db: DuckDBPyConnection, table: Table, received: int) -> tuple[Counter[str], Path]:
    path = settings.DATA / "imports" / f"{request.path.name}.{from_micros(received):%Y%m%d-%H%M%S-%f}.rejects.csv"
    return rejects.write(path, table.rejects(db)), path


def _nothing(reasons: Counter[str], path: Path) -> str:
    if not reasons:
        return "The file has a first line with the names of its columns, and nothing below it."
    worst, count = reasons.most_common(1)[0]
    return f"No row could be read; most often ({count:,} of {reasons.total():,}): {worst}. All of them are in {path}."


def _table(request: Request, folder: Path) -> Table:
    name = request.path.name.lower().removesuffix(".gz")
    for format_ in FORMATS:
        if name.endswith(format_.ENDINGS):
            table: Table = format_.opened(request.path, folder, request.encoding, request.delimiter)
            return table
    known = ", ".join(ending for format_ in FORMATS for ending in format_.ENDINGS)
    raise ImportFailed(
        f"{request.path.name}: the ending says nothing about the format. Known are {known}; also with .gz."
    )


def _shown(name: str) -> str:
    """An export of PostHog's has names of its trackers in it: they are read as the collector reads them."""
    return name if name in BOOKKEEPING else posthog.name_of(name)


def _know_people(db: DuckDBPyConnection, kind: str, progress: Progress) -> None:
    done = 0
    for values in staging.people(db, PEOPLE_AT_ONCE):
        ids = identify([Claim(kind, value, True) for value in values])
        staging.know(db, [(claim.value, identifier) for claim, identifier in ids.items()])
        done += len(values)
        progress("Customers", done, None)


def _write(db: DuckDBPyConnection, source: int, received: int, ready: int, progress: Progress) -> int:
    added = done = 0
    progress("Recording", 0, ready)
    with _wide_connection():
        for part in staging.rows(db, source, received, ROWS_AT_ONCE):
            with transaction.atomic():
                added += insert(part)
            done += len(part)
            progress("Recording", done, ready)
    return added


def _finish(progress: Progress) -> None:
    """All of it is also what a stopped import needs, so it runs when nothing was added, too."""
    progress("Journeys", 0, None)
    journeys.follow()
    progress("Lake", 0, None)
    lake.seal()
    progress("Catalogue", 0, None)
    catalogue.guess_missing()
    progress("Promises", 0, None)
    promises.follow()
    progress("Needs", 0, None)
    upkeep.catch_up(progress)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of this import's own in the data folder, gone afterwards."""
    place = settings.DATA / "imports"
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="running-", dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _wide_connection() -> Iterator[None]:
    """SQLite with a larger cache of its own, less of the file in memory beside it, and rarer checkpoints while much is
    written."""
    if connection.vendor != "sqlite":
        yield
        return
    usual: dict[str, int] = {}
    with connection.cursor() as cursor:
        for pragma, value in (("cache_size", -262_144), ("mmap_size", 1 << 26), ("wal_autocheckpoint", 20_000)):
            cursor.execute(f"PRAGMA {pragma}")
            usual[pragma] = cursor.fetchone()[0]
            cursor.execute(f"PRAGMA {pragma}={value}")
        try:
            yield
        finally:
            for pragma, value in usual.items():
                cursor.execute(f"PRAGMA {pragma}={value}")
