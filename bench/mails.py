"""Mails as a shop gets them: first ones and answers, plain and HTML, some with files, some by machines. Same seed, same
mails."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

US = "help@shop.example"
SERVER = "mx.shop.example"
WORDS = """order courier box size boots jacket refund invoice address street door card paid sent back week today money
yesterday colour small large broken zip tent pole stove water winter camp walk shop cork galway dublin mail phone
page photo receipt label code swap return gift letter answer waiting please hello morning evening bitte danke rechnung
lieferung paket zurück größe jacke heute gestern woche straße tür karte gutschein frage""".split()  # noqa: SIM905
BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def mails(count: int, seed: int = 1) -> Iterator[bytes]:
    """Of a hundred: 45 first mails, 45 answers in a conversation, 10 by machines. 40 are HTML, 12 have files."""
    chance = random.Random(seed)
    threads: list[tuple[str, str, list[str], str]] = []
    for number in range(count):
        way = chance.random()
        message = EmailMessage()
        message["Message-ID"] = f"<{seed}.{number}@mail.example>"
        message["Date"] = format_datetime(BEGAN + timedelta(seconds=number))
        message["To"] = f"Shop <{US}>"
        text = sentences(chance, chance.randint(20, 160))
        if way < 0.45 or not threads:
            person = number if chance.random() < 0.7 else chance.randrange(number + 1)
            writer, subject, ids = f"person{person}@mail{person % 40}.example", sentences(chance, 4), list[str]()
            threads.append((writer, subject, ids, text))
        elif way < 0.9:
            writer, subject, ids, before = threads[max(0, len(threads) - 1 - int(chance.expovariate(0.02)))]
            message["In-Reply-To"], message["References"] = ids[-1], " ".join(ids)
            subject = f"Re: {subject}"
            quoted = "\n".join(f"> {line}" for line in before.splitlines())
            text = f"{text}\n\nOn 2 Mar 2026 at 10:00, Shop <{US}> wrote:\n{quoted}"
        else:
            writer, subject, ids = f"news{number % 9}@lists{number % 3}.example", sentences(chance, 6), []
            message["Precedence"], message["List-Id"] = "bulk", "<news.lists.example>"
        ids.append(message["Message-ID"])
        message["From"], message["Subject"] = f"{chance.choice(WORDS).title()} Person <{writer}>", subject
        write(message, text, chance)
        yield received(message, writer)


def sentences(chance: random.Random, words: int) -> str:
    drawn = chance.choices(WORDS, k=words)
    return "\n".join(" ".join(drawn[at : at + 12]).capitalize() + "." for at in range(0, words, 12))[:4000]


def write(message: EmailMessage, text: str, chance: random.Random) -> None:
    """The body as the mail programs of these people send it."""
    message.set_content(text)
    if chance.random() < 0.4:
        rows = "".join(
            f'<tr><td style="font:14px Arial"><p class="MsoNormal"><span lang="EN-GB">{line}</span></p></td><td>'
            f'<a href="https://shop.example/{n}?utm=1"><img src="https://cdn.example/{n}.png" width="20"></a></td></tr>'
            for n, line in enumerate(text.splitlines())
        )
        style = "<style>p.MsoNormal{margin:0}" + ".x{color:#333}" * 100 + "</style>"
        message.add_alternative(f"<html><head>{style}</head><body><table>{rows}</table></body></html>", subtype="html")
    if chance.random() < 0.12:
        message.add_attachment(chance.randbytes(60_000), "application", "pdf", filename="Rechnung März.pdf")


def received(message: EmailMessage, writer: str) -> bytes:
    """With what the servers on the way put above it."""
    domain = writer.rpartition("@")[2]
    signature = base64.b64encode(writer.encode() * 8).decode()
    head = (
        f"Return-Path: <{writer}>\r\nDelivered-To: {US}\r\n"
        f"Received: from out.{domain} by {SERVER} with ESMTPS id 4XyZ; Mon, 2 Mar 2026 10:00:00 +0100\r\n"
        f"Authentication-Results: {SERVER}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={writer};"
        f" dmarc=pass header.from={domain}\r\n"
        f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=k1; h=from:to:subject:date; bh={signature[:44]};\r\n"
        f" b={signature}\r\n"
        f"X-Mailer: Mail 16\r\n"
    )
    return head.replace("\r\n", "\n").encode() + message.as_bytes()
