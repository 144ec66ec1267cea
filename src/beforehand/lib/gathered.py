"""What comes often and may wait a moment: gathered, and written together by a thread that ends when nothing comes."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from django.db import connection

K = TypeVar("K")
V = TypeVar("V")
log = logging.getLogger(__name__)


class Gathered(Generic[K, V]):
    """The last value for each key counts. What could not be written is said in the log, and is lost."""

    def __init__(self, name: str, every: float, write: Callable[[dict[K, V]], None]) -> None:
        self.name, self.every, self.write = name, every, write
        self.lock = threading.Lock()
        self.waiting: dict[K, V] = {}
        self.thread: threading.Thread | None = None

    def add(self, values: Mapping[K, V]) -> None:
        if not values:
            return
        with self.lock:
            self.waiting.update(values)
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self.thread.start()

    def _run(self) -> None:
        try:
            while True:
                time.sleep(self.every)
                with self.lock:
                    waiting, self.waiting = self.waiting, {}
                    if not waiting:
                        self.thread = None
                        return
                try:
                    self.write(waiting)
                except Exception:
                    log.exception("%s could not be written; what comes next is.", self.name)
                    connection.close()
        finally:
            connection.close()
