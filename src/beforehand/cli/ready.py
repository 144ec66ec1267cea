"""Every command that touches data calls `ready()` first, so that one command is enough on an empty folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def ready() -> None:
    """Start Django and bring the record to this version's shape: a new data folder becomes usable."""
    import django

    django.setup()
    from django.conf import settings

    if _behind():
        with _alone(Path(settings.DATA)):
            if _behind():
                _bring_up()


def _bring_up() -> None:
    from django.core.management import call_command

    from beforehand.cli import fresh
    from beforehand.lib import planner

    if fresh.is_empty():
        fresh.make()
    else:
        call_command("migrate", verbosity=0, interactive=False)
        planner.inform(everything=True)


def _behind() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Two commands that are started at once on a new folder take turns."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "migrating.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
