"""What is done from time to time: by whom, and how often."""

import importlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import close_old_connections, connections

log = logging.getLogger(__name__)

JOBS = {
    "beforehand.journey.journeys:follow": 5,
    "beforehand.journey.promises.projection:follow": 5,
    "beforehand.journey.lake:tick": 10,
    "beforehand.service.upkeep:keep_up": 10,
    "beforehand.service.unread:keep_up": 30,
    "beforehand.journey.retention:purge": 3600,
    "beforehand.journey.catalogue:guess_missing": 60,
    "beforehand.lib.planner:inform": 86_400,
}

# These may take minutes, or must not wait for any other, so each has a thread of its own.
LONG_JOBS = {
    "beforehand.lib.checkpoints:keep_up": 5,
    "beforehand.journey.needs.upkeep:keep_up": 5,
    "beforehand.insight.rollups:keep_up": 60,
    "beforehand.insight.breaks.storing:scan_when_due": 300,
    "beforehand.insight.causes.storing:search_when_due": 300,
}


@dataclass
class Job:
    """Something that is due every so many seconds."""

    name: str
    every: float
    due: float = 0.0

    def run(self) -> None:
        module, function = self.name.split(":")
        verb: Callable[[], object] = getattr(importlib.import_module(module), function)
        verb()


class Schedule:
    """Does what is due, one after the other. What fails is logged and done again when it is due the next time."""

    def __init__(self, jobs: dict[str, int]) -> None:
        self.jobs = [Job(name, every) for name, every in jobs.items()]
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            self.run_due()
            self.ending.wait(1)
        connections.close_all()

    def run_due(self) -> None:
        for job in self.jobs:
            if time.monotonic() < job.due or self.ending.is_set():
                continue
            close_old_connections()
            try:
                job.run()
            except Exception:
                log.exception("%s failed.", job.name)
            job.due = time.monotonic() + job.every
