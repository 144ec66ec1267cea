"""A real clamd, with a signature of our own, where one is installed (Debian: clamav-daemon). Others have a stand-in."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from beforehand.channels import files, scanning
from beforehand.channels.models import StoredFile
from beforehand.lib.trouble import Trouble

CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"
BAD = b"-- what the scanner of this test finds --"
CONF = """
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}
Foreground yes
StreamMaxLength 1M
"""
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not Path(CLAMD).exists(), reason="clamd is not installed"),
]


@pytest.fixture(scope="module")
def socket(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "own.ndb").write_text(f"Own.Test:0:*:{BAD.hex()}\n")
    (folder / "clamd.conf").write_text(CONF.format(folder=folder))
    process = subprocess.Popen([CLAMD, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    place, until = folder / "clamd.ctl", time.monotonic() + 60
    while not place.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    yield str(place)
    process.terminate()
    process.wait(20)


@pytest.fixture(autouse=True)
def scanner(settings, socket):
    settings.CLAMAV = socket


def test_it_finds_what_it_knows_and_nothing_else():
    bad, good = files.keep(b"x" * 200_000 + BAD), files.keep(b"fine" * 100_000)
    assert scanning.look_at_new() == 2
    assert [StoredFile.objects.get(pk=one.pk).scan for one in (bad, good)] == ["infected", "clean"]
    with pytest.raises(Trouble, match=r"Own\.Test"):
        files.download(bad, "a.txt")


def test_a_file_that_is_too_large_for_it_keeps_no_other_from_being_looked_at(caplog):
    large, after = files.keep(b"y" * (4 << 20)), files.keep(b"fine")
    scanning.look_at_new()
    assert StoredFile.objects.get(pk=after.pk).scan == "clean"
    assert StoredFile.objects.get(pk=large.pk).scan == "refused"
    assert "does not take file" in caplog.text
    assert scanning.look_at_new() == 0
    files.download(large, "large.bin").file_to_stream.close()
