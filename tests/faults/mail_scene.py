"""Mail taken in by processes that kill themselves at exact points. Run by test_mail_killed.py.

    python -m tests.faults.mail_scene DATA

Each process is forked from this one; it keeps all mails again, as a mailbox's server would give them again, and reads
what waits. At the end each mail must be one message in its conversation, with one touchpoint and one line to search.
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path

from tests.faults.scene import doom

MAILS = 24
POINTS = [
    ("beforehand.channels.files:keep_all", "before", 1),
    ("beforehand.channels.files:keep_all", "after", 2),
    ("beforehand.channels.arriving:_claim", "after", 1),
    ("beforehand.channels.reading:lay_down", "after", 3),
    ("beforehand.service.acts.messages:put", "after", 2),
    ("beforehand.service.acts.acting:number", "after", 7),
    ("beforehand.service.acts.acting:Act.finish", "after", 3),
    ("beforehand.channels.reading:_settle", "after", 6),
    ("beforehand.channels.arriving:_read_together", "after", 1),
]


def take_in() -> None:
    from bench.mails import mails

    from beforehand.channels.arriving import WAITING, Came, arrive_all, read_due
    from beforehand.channels.email.apart import Apart
    from beforehand.channels.models import Arrival, Mailbox

    mailbox = Mailbox.objects.get()
    drawn = [Came(f"INBOX/1/{number}", raw) for number, raw in enumerate(mails(MAILS))]
    for first in range(0, MAILS, 8):
        arrive_all("email", drawn[first : first + 8], mailbox)
    Arrival.objects.filter(state__in=WAITING).update(next_try=0)  # as when the lease of whoever died has ended
    parser = Apart()
    while read_due(parser=parser):
        pass
    parser.close()


def in_a_process(*doomed: object) -> int:
    """How it ended: 0, or the signal."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            if doomed:
                doom(*doomed)
            take_in()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def verdict(ends: list[int]) -> dict:
    from django.db import connection

    from beforehand.channels.models import Arrival
    from beforehand.journey.models import Touchpoint
    from beforehand.service.models import Conversation, LedgerEntry, Message

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from service_search")
        searched = cursor.fetchone()[0]
    messages = list(Message.objects.all())
    return {
        "ends": ends,
        "states": Counter(Arrival.objects.values_list("state", flat=True)),
        "messages": len({message.arrival_id for message in messages}),
        "copies": len(messages),
        "searched": searched,
        "touchpoints": Touchpoint.objects.filter(pk__in=[message.touchpoint for message in messages]).count(),
        "counted": sum(Conversation.objects.values_list("messages_count", flat=True)),
        "alone": LedgerEntry.objects.exclude(pk__in=Touchpoint.objects.values("pk")).count(),
        "empty": Conversation.objects.filter(messages=None).count(),
    }


def main(data: Path) -> None:
    os.environ["BEFOREHAND_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "beforehand.settings"
    os.environ.pop("DATABASE_URL", None)
    data.mkdir(parents=True, exist_ok=True)
    from beforehand.cli.ready import ready

    ready()
    from bench.mail import house
    from django.db import connections

    house()
    connections.close_all()
    ends = [in_a_process(*point) for point in POINTS]
    ends.append(in_a_process())
    print(json.dumps(verdict(ends)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
