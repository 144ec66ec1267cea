"""An old mailbox comes in with its dates, sets nothing off, and twice adds nothing."""

import pytest
from click.testing import CliRunner

from beforehand.channels.email import archive
from beforehand.channels.email.tests.mails import mail
from beforehand.channels.models import Arrival, Outgoing
from beforehand.channels.tests.people import mailbox_of
from beforehand.lib.trouble import Trouble

pytestmark = pytest.mark.django_db

FIRST = mail("Where is it?\n", Message_ID="<1@c.example>", Date="Mon, 2 Mar 2020 10:00:00 +0000")
SECOND = mail(
    "From there it went on.\n>From here too.\n",
    Message_ID="<2@c.example>", In_Reply_To="<1@c.example>", Date="Tue, 3 Mar 2020 10:00:00 +0000",
)  # fmt: skip


@pytest.fixture
def mailbox():
    return mailbox_of("help@us.example", state="live", acknowledgement="We have it.")


def mbox(*mails: bytes) -> bytes:
    """As mail programs write it (mboxrd)."""
    lines = []
    for raw in mails:
        plain = raw.replace(b"\r\n", b"\n").split(b"\n")
        quoted = b"\n".join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in plain)
        lines.append(b"From ada@c.example Mon Mar  2 10:00:00 2020\n" + quoted.rstrip(b"\n") + b"\n\n")
    return b"".join(lines)


def write(tmp_path, *mails):
    path = tmp_path / "old.mbox"
    path.write_bytes(mbox(*mails))
    return path


def test_an_mbox_comes_in_once_in_the_order_of_its_dates_and_sends_nothing(tmp_path, mailbox):
    path = write(tmp_path, SECOND, FIRST)
    done = archive.take(path, mailbox)
    assert (done.found, done.new, done.placed, done.waiting) == (2, 2, 2, 0)
    first, second = Arrival.objects.order_by("id")
    assert (first.message_id, second.message_id) == ("1@c.example", "2@c.example")
    assert {first.origin, second.origin} == {"archive"}
    assert first.evidence["conversation"] == second.evidence["conversation"]
    assert not Outgoing.objects.exists()
    assert archive.take(path, mailbox).new == 0
    assert Arrival.objects.count() == 2


def test_quoted_froms_read_as_they_were_written(tmp_path):
    pieces = sorted(archive.find(write(tmp_path, FIRST, SECOND)))
    assert archive.read(pieces[1]).replace(b"\r\n", b"\n").strip() == SECOND.replace(b"\r\n", b"\n").strip()


def test_a_maildir_with_folders_gives_every_mail_and_no_half_written_one(tmp_path, mailbox):
    for folder in ("cur", "new", "tmp", ".Old/cur"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    (tmp_path / "Maildir/cur/1.host:2,S").write_bytes(FIRST)
    (tmp_path / "Maildir/.Old/cur/2.host:2,RS").write_bytes(SECOND)
    (tmp_path / "Maildir/tmp/3.host").write_bytes(b"Subject: ha")
    assert archive.take(tmp_path / "Maildir", mailbox).found == 2


def test_one_that_was_broken_off_goes_on_where_it_stopped(tmp_path, mailbox, monkeypatch):
    path = write(tmp_path, *[mail(f"{n}", Message_ID=f"<{n}@c.example>") for n in range(7)])
    monkeypatch.setattr(archive, "AT_ONCE", 3)

    def stop(what, done, of):
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.take(path, mailbox, stop)
    assert Arrival.objects.count() == 6
    done = archive.take(path, mailbox)
    assert (done.found, done.new, Arrival.objects.count()) == (7, 1, 7)


def test_nothing_to_import_is_said(tmp_path, mailbox):
    (tmp_path / "a.txt").write_text("no mail")
    with pytest.raises(Trouble, match="no mail in"):
        archive.take(tmp_path, mailbox)


def test_the_command_imports_and_says_how_many(tmp_path, mailbox):
    from beforehand.cli import cli

    run = CliRunner().invoke(cli, ["mail", "import", str(write(tmp_path, FIRST)), "--mailbox", "help@us.example"])
    assert "1 mails found, 1 of them new" in run.output, run.output
    run = CliRunner().invoke(cli, ["mail", "import", str(tmp_path / "old.mbox"), "--mailbox", "x@us.example"])
    assert "no mailbox x@us.example" in run.output
