"""Files by their content: once, whole, scanned, and never run."""

import socket
import threading

import pytest

from beforehand.channels import files, scanning
from beforehand.channels.models import StoredFile
from beforehand.lib.trouble import Trouble

pytestmark = pytest.mark.django_db


def test_the_same_bytes_are_one_file_and_read_back():
    one, two, other = files.keep(b"abc"), files.keep(b"abc"), files.keep(b"abd")
    assert one == two != other
    assert files.read(one) == b"abc"
    assert sorted(path.name for path in files.path(one).parent.iterdir()) == [one.sha256[2:]]


def test_a_half_written_file_is_written_again():
    file = files.keep(b"abcdef")
    files.path(file).write_bytes(b"abc")
    files.keep(b"abcdef")
    assert files.read(file) == b"abcdef"


def test_a_write_that_fails_leaves_nothing_behind(monkeypatch):
    def full(*words):
        raise OSError("No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.keep(b"xyz")
    assert not StoredFile.objects.exists()
    assert not [path for path in files._place("0" * 64).parent.parent.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ['a"; filename="b.exe', "../../etc/passwd", "a\r\nSet-Cookie: x=1", "ü\u202eexe.txt"])
def test_no_name_plays_a_trick_in_the_head_of_a_download(name):
    response = files.download(files.keep(b"<script>alert(1)</script>"), name, "text/html", inline=True)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert "Set-Cookie" not in response
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    response.file_to_stream.close()


def test_plain_images_are_shown_and_drawings_that_can_run_are_not():
    for type, shown in (("image/png", True), ("image/svg+xml", False)):
        response = files.download(files.keep(b"x"), "a", type, inline=True)
        assert (response["Content-Type"] == type) is shown
        assert response["Content-Disposition"].startswith("inline" if shown else "attachment")
        response.file_to_stream.close()


@pytest.fixture
def clamd(settings):
    """A scanner that finds something in every file with EICAR in it."""
    server = socket.create_server(("127.0.0.1", 0))
    settings.CLAMAV = f"127.0.0.1:{server.getsockname()[1]}"
    heard = []

    def serve():
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            with connection:
                text = b""
                while not text.endswith((b"\0\0\0\0", b"zPING\0")) and (part := connection.recv(1 << 16)):
                    text += part
                heard.append(text)
                if text == b"zPING\0":
                    connection.sendall(b"PONG\0")
                    continue
                if b"TOO LARGE" in text:
                    connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    continue
                found = b"Eicar-Signature FOUND" if b"EICAR" in text else b"OK"
                connection.sendall(b"stream: " + found + b"\0")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield heard
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_what_the_scanner_finds_is_not_handed_out(clamd):
    bad, good = files.keep(b"...EICAR..."), files.keep(b"fine")
    with pytest.raises(Trouble, match="Eicar-Signature"):
        files.download(bad, "a.txt")
    files.download(good, "b.txt").file_to_stream.close()
    assert {bad.scan, StoredFile.objects.get(pk=good.pk).scan} == {"infected", "clean"}
    assert clamd[0].startswith(b"zINSTREAM\0\0\0\0\x0b...EICAR...")


def test_files_are_looked_at_as_they_come_in(clamd):
    for number in range(3):
        files.keep(b"%d" % number)
    assert scanning.look_at_new() == 3
    assert scanning.look_at_new() == 0


def test_a_file_that_the_scanner_does_not_take_keeps_no_other_from_being_looked_at(clamd, caplog):
    large, after = files.keep(b"TOO LARGE"), files.keep(b"fine")
    assert scanning.look_at_new() == 2
    large.refresh_from_db()
    after.refresh_from_db()
    assert (large.scan, large.found, after.scan) == ("refused", "INSTREAM size limit exceeded. ERROR", "clean")
    files.download(large, "large.bin").file_to_stream.close()
    assert scanning.look_at_new() == 0


def test_a_scanner_that_is_away_stops_nothing_and_is_asked_again(settings, caplog):
    settings.CLAMAV = "/nowhere/clamd.ctl"
    file = files.keep(b"x")
    files.download(file, "a.txt").file_to_stream.close()
    assert scanning.look_at_new() == 0
    assert file.scan == "none"
    assert "does not answer" in caplog.text
