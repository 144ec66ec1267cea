"""Whatever is killed while mail comes in: nothing twice, nothing lost."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.faults.mail_scene import MAILS, POINTS

ROOT = Path(__file__).parents[2]


def test_each_mail_is_one_message_however_often_the_reader_is_killed(tmp_path):
    command = [sys.executable, "-m", "tests.faults.mail_scene", str(tmp_path / "data")]
    told = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=300).stdout
    found = json.loads(told.splitlines()[-1])
    assert found["ends"] == [-signal.SIGKILL] * len(POINTS) + [0]
    assert found["states"] == {"placed": MAILS}
    for what in ("messages", "copies", "searched", "touchpoints", "counted"):
        assert found[what] == MAILS, found
    assert (found["alone"], found["empty"]) == (0, 0)
