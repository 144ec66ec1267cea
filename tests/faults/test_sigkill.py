import json
import os
import subprocess
import sys

import pytest

from beforehand.lib.tests.ports import free_port


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_what_was_acknowledged_is_there_once_however_often_processes_are_killed(tmp_path, seed):
    """SIGKILL between each pair of steps from socket to lake, and at moments between, under load."""
    command = [sys.executable, "-m", "tests.faults.scene", str(tmp_path), str(free_port()), str(seed)]
    environment = {**os.environ, "DATABASE_URL": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["missed"] == [] and found["kills"] >= 20
    assert found["acknowledged"] > 500
    assert (found["lost"], found["twice"], found["failed"]) == (0, 0, 0)
    assert found["lake"] == [found["record"]] * 2
    assert found["journeys"] == found["record"]
    assert found["differences"] == []
