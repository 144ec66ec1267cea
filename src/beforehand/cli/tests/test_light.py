"""What starts often loads little: what only some pages and commands need is loaded when it is asked for."""

import os
import subprocess
import sys

import pytest

HEAVY = {"altair", "vl_convert", "scipy", "sklearn", "statsmodels", "pandas", "sqlglot", "rich.progress", "wordllama"}
LOADED = "import sys; print(*sys.modules)"


@pytest.mark.parametrize(
    "start",
    [
        "import django; django.setup()",
        "from beforehand.cli import parts; parts.prepare_pages()",
        "from beforehand.cli import serve, demo, processes",
    ],
)
def test_a_start_loads_nothing_heavy(start, tmp_path):
    own = os.environ | {"BEFOREHAND_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "beforehand.settings"}
    run = [sys.executable, "-c", f"{start}; {LOADED}"]
    loaded = subprocess.run(run, check=True, env=own, capture_output=True, text=True).stdout.split()
    assert "beforehand.settings" in loaded or "beforehand.cli.serve" in loaded
    assert not HEAVY & set(loaded)
    assert not list(tmp_path.glob("*.sqlite3")), "nothing is asked of the record before it has its shape"
