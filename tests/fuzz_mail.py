"""`make fuzz`: changes the fixtures of mail at random and says what made the reader raise or take long."""

import random
import resource
import sys
import time
from pathlib import Path

import click

from beforehand.channels.email.parsing import parse
from beforehand.channels.email.tests.mails import SEEDS

SLOW = 5.0  # CPU seconds for one mail
LARGE = 1 << 30
MOST = 400_000
# fmt: off
PIECES = (
    b"\r\n", b"\n\n", b"\x00", b"--=_b1", b"--=_b1--\r\n", b"\r\n\r\n", b"=?utf-8?q?", b"?=", b"<", b">", b"@",
    b'"', b"(", b"&", b"<div>", b"</b>", b"<!--", b"cid:", b"Content-Type: multipart/mixed; boundary=",
    b"Content-Transfer-Encoding: base64\r\n", b"charset=", b"filename*0*=", b"; ", b"=\r\n", b"\xff\xfe",
    b"\xed\xa0\x80", b"> ", b"On 1 wrote:", b"From: ", b"begin 644 a\n", b"message/rfc822", b"text/html",
    b"multipart/alternative", b"utf-7", b"unicode_escape", b"\x1b$B", b"%", b"'", b":", b"#7",
)
# fmt: on


def changed(raw: bytes, chance: random.Random) -> bytes:
    """A mail with one to eight wounds: bytes flipped, cut, doubled, moved, pieces put in, one piece many times."""
    content = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.randint(1, 200))
        way = chance.randrange(7)
        if way == 0 and start < len(content):
            content[start] = chance.randrange(256)
        elif way == 1:
            del content[start:end]
        elif way == 2:
            content[start:start] = content[start:end] * chance.randint(1, 50)
        elif way == 3:
            content[start:start] = chance.choice(PIECES)
        elif way == 4:
            content[start:start] = chance.choice(PIECES) * chance.choice((3, 10, 100, 1000, 20_000))
        elif way == 5:
            content[start:start] = chance.choice(list(SEEDS.values()))
        else:
            content[start:end] = b"".join(chance.choices(PIECES, k=20))
        del content[MOST:]
    return bytes(content)


@click.command()
@click.option("--seconds", default=60, show_default=True, help="How long to go on.")
@click.option("--count", default=0, help="How many mails at most; 0 for as many as there is time for.")
@click.option("--seed", default=0, help="The same seed makes the same mails; 0 takes one by the clock and says which.")
@click.option(
    "--keep", default="fuzz-found", type=click.Path(path_type=Path), help="Folder for mails that broke something."
)
def main(seconds: int, count: int, seed: int, keep: Path) -> None:
    seed = seed or time.time_ns() % 1_000_000
    chance, until, done, found = random.Random(seed), time.monotonic() + seconds, 0, []
    click.echo(f"Seed {seed}.")
    while time.monotonic() < until and (not count or done < count):
        name = chance.choice(list(SEEDS))
        raw = changed(SEEDS[name], chance)
        started = time.process_time()
        codes = parse(raw).codes
        took = time.process_time() - started
        done += 1
        if "not_understood" in codes or took > SLOW:
            keep.mkdir(exist_ok=True)
            path = keep / f"{name}-{seed}-{done}.eml"
            path.write_bytes(raw)
            found.append(path)
            trouble = next((t.detail for t in parse(raw).troubles if t.code == "not_understood"), f"{took:.1f} s")
            click.echo(f"{path}: {trouble}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    click.echo(f"{done:,} mails, {len(found)} broke something, at most {peak >> 20} MB.")
    sys.exit(bool(found) or peak > LARGE)


if __name__ == "__main__":
    main()
