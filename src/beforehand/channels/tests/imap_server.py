"""An IMAP server on loopback that misbehaves as it is told: it hangs, hangs up, repeats itself, keeps mails back."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class ImapServer:
    """`mails`: what lies in the folder, by UID. `hangs`, `drops`: at these commands it says nothing, or is gone."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    hangs: set[str] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)
    keeps_back: set[int] = field(default_factory=set)
    refuses_many: bool = False
    repeats: bool = False
    idle: bool = True
    token: str = ""
    heard: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def _serve(self):
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        lines = connection.makefile("rb")
        try:
            connection.sendall(b"* OK ready\r\n")
            while line := lines.readline():
                tag, _space, said = line.decode("latin-1").strip().partition(" ")
                self.heard.append(said)
                verb = re.sub(r"^UID ", "", said.upper()).split(" ")[0]
                if verb in self.hangs:
                    threading.Event().wait(30)
                if verb in self.drops:
                    return
                self._answer(connection, lines, tag, verb, said)
        except (OSError, ValueError):
            return
        finally:
            lines.close()
            connection.close()

    def _answer(self, connection, lines, tag, verb, said):
        answer, end = b"", "OK done"
        if verb == "CAPABILITY":
            answer = b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2" + (b" IDLE" if self.idle else b"") + b"\r\n"
        elif verb == "AUTHENTICATE":
            connection.sendall(b"+ \r\n")
            self.token = lines.readline().decode().strip()
        elif verb in {"SELECT", "EXAMINE"}:
            answer = b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n" % (len(self.mails), self.validity)
        elif verb == "SEARCH":
            first = int(re.search(r"(\d+):\*", said)[1])
            found = [uid for uid in self.mails if uid >= first] or [max(self.mails, default=0)]
            answer = b"* SEARCH " + b" ".join(b"%d" % uid for uid in found if uid) + b"\r\n"
        elif verb == "FETCH":
            wanted = [int(uid) for uid in said.split(" ")[2].split(",")]
            if self.refuses_many and len(wanted) > 1 and "BODY" in said:
                end = "NO one of them is broken"
            else:
                answer = b"".join(self._fetched(uid, "BODY" in said) for uid in self._given(wanted))
        connection.sendall(answer + f"{tag} {end}\r\n".encode())

    def _given(self, wanted):
        given = [uid for uid in wanted if uid in self.mails]
        return [*given, *given, *self.mails] if self.repeats else given

    def _fetched(self, uid, whole):
        raw = self.mails[uid]
        if not whole:
            return b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(raw))
        if uid in self.keeps_back:
            return b""
        date = b'INTERNALDATE "02-Mar-2026 10:00:00 +0100"'
        return b"* 1 FETCH (%s BODY[] {%d}\r\n%s UID %d)\r\n" % (date, len(raw), raw, uid)
