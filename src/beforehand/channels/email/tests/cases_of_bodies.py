"""The hard cases of a mail's body, and of the files in it."""

import base64
import zlib
from collections.abc import Callable
from typing import Any

from beforehand.channels.email.parsed import Parsed
from beforehand.channels.email.tests import mails
from beforehand.channels.email.tests.cases import Case, by
from beforehand.channels.email.tests.mails import file, mail, part, rich, several, text


def typed(content: str | bytes, kind: str, **more: Any) -> Callable[[], bytes]:
    return lambda: mail(content, Content_Type=kind, **more)


def attached(*given: str, **more: Any) -> Callable[[], bytes]:
    return lambda: several("mixed", text("x"), *[file(one, **more) for one in given])


def called(name: str) -> Callable[[Parsed], bool]:
    return lambda m: m.attachments[0].name == name


def reads(words: str) -> Callable[[Parsed], bool]:
    return lambda m: m.body.text.strip() == words


PICTURE = part("image/png", mails.PNG, Content_ID="<a@b>")
BOMB = zlib.compress(b"0" * 50_000_000, 9)
BODIES = [
    Case("B1", "HTML only", typed("<p>Hi <b>you</b></p>", "text/html"), reads("Hi you")),
    Case("B2", "text only", lambda: mail("Hi you"), lambda m: m.body.text == "Hi you" and not m.body.html),
    Case(
        "B3", "an empty text beside HTML", lambda: several("alternative", text(" \r\n"), rich("<p>Hi</p>")), reads("Hi")
    ),
    Case(
        "B4",
        "HTML twice",
        lambda: several("mixed", rich("<p>one</p>"), rich("<p>two</p>")),
        lambda m: "one" in m.body.html and "two" in m.body.html,
    ),
    Case(
        "B5",
        "text, picture, text",
        lambda: several("mixed", text("one"), file("filename=a.png", mails.PNG, "image/png"), text("two")),
        lambda m: m.body.text.split() == ["one", "two"] and len(m.attachments) == 1,
    ),
    Case(
        "B6",
        "text in the preamble",
        lambda: several("mixed", file("filename=a.pdf"), preamble="It stands here."),
        reads("It stands here."),
    ),
    Case(
        "B7",
        "an attachment only",
        typed(b"JVBERi0=", "application/pdf; name=a.pdf", Content_Transfer_Encoding="base64"),
        lambda m: m.attachments[0].content == b"%PDF-",
    ),
    Case(
        "B8",
        "opaque S/MIME",
        typed("x", "application/pkcs7-mime; smime-type=signed-data"),
        lambda m: m.protection == ("smime_opaque_signed",) and m.attachments,
    ),
    Case(
        "B9",
        "PGP in the text",
        lambda: mail("-----BEGIN PGP MESSAGE-----\r\nabc\r\n-----END PGP MESSAGE-----"),
        lambda m: m.protection == ("pgp_inline_encrypted",),
    ),
    Case(
        "B10",
        "PGP as MIME",
        lambda: several(
            'encrypted; protocol="application/pgp-encrypted"',
            part("application/pgp-encrypted", "Version: 1"),
            file("filename=e.asc"),
        ),
        lambda m: "pgp_encrypted" in m.protection,
    ),
    Case(
        "B11",
        "flowing text",
        typed("a \r\nb\r\n> c \r\n> d\r\n", "text/plain; format=flowed; delsp=yes"),
        reads("ab\n> cd"),
    ),
    Case(
        "B12",
        "an encoding that is none",
        by(Content_Transfer_Encoding="zip"),
        lambda m: m.body.text == "Where is it?" and "encoding_unknown" in m.codes,
    ),
    Case(
        "B13",
        "uuencode",
        lambda: mail("see\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"),
        lambda m: m.attachments[0].content == b"Cat",
    ),
    Case(
        "B14",
        "yEnc",
        typed(
            b"=ybegin line=128 size=3 name=a.bin\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n", "text/plain; charset=iso-8859-15"
        ),
        called("a.bin"),
    ),
    Case("B15", "UTF-7", typed(b"Hi Mom -+Jjo--!", "text/plain; charset=utf-7"), reads("Hi Mom -☺-!")),
    Case(
        "B16",
        "GB2312 that is GB18030",
        typed("你好㐀".encode("gb18030"), "text/plain; charset=gb2312"),
        reads("你好㐀"),
    ),
    Case(
        "B17",
        "ks_c_5601 that is CP949",
        typed("뷁안녕".encode("cp949"), "text/plain; charset=ks_c_5601-1987"),
        reads("뷁안녕"),
    ),
    Case("B18", "a charset that is none", typed("Grüße".encode(), "text/plain; charset=bogus-1"), reads("Grüße")),
    Case(
        "B19",
        "said to be UTF-8 and is Latin-1",
        typed("Grüße aus Köln, schöne Tage".encode("latin-1"), "text/plain; charset=utf-8"),
        reads("Grüße aus Köln, schöne Tage"),
    ),
    Case(
        "B20",
        "more than 5,000 links",
        typed("".join(f'<a href="https://x.example/{n}">n{n}</a> ' for n in range(6000)), "text/html"),
        lambda m: "n5999" in m.body.text and m.body.html,
    ),
    Case(
        "B21",
        "10 MB of HTML in a line",
        lambda: mail("<b>x</b>" * 1_300_000, Content_Type="text/html"),
        lambda m: "html_cut" in m.codes and m.body.html,
    ),
    Case("B22", "parts in parts in parts", lambda: mails.nested(500), lambda m: "too_deep" in m.codes),
    Case(
        "B23",
        "a file that swells when unpacked",
        attached("filename=a.zz", content=BOMB),
        lambda m: m.attachments[0].content == BOMB,
    ),
    Case(
        "B24",
        "a file's name in pieces",
        attached("filename*0*=utf-8''%e2%82; filename*1*=%ac%20x; filename*2=\".pdf\""),
        called("€ x.pdf"),
    ),
    Case("B25", "a file's name with a path", attached("filename=C:\\\\Windows\\\\cmd.exe"), called("cmd.exe")),
    Case("B26", "a file's name that climbs", attached("filename=../../etc/passwd"), called("passwd")),
    Case(
        "B27",
        "a file's name that is turned round",
        attached("filename*=utf-8''invoice%E2%80%AEfdp.exe"),
        called("invoicefdp.exe"),
    ),
    Case("B28", "a file without a name", attached('filename="   "'), called("attachment-1.pdf")),
    Case(
        "B29",
        "more than 500 files",
        attached(*[f"filename={n}.pdf" for n in range(502)]),
        lambda m: len(m.attachments) == 500 and "too_many_attachments" in m.codes,
    ),
    Case(
        "B30",
        "more than 40 MB",
        lambda: several("mixed", text("It is here"), file("filename=big")) + b"x" * (41 << 20),
        lambda m: m.body.text == "It is here" and "too_large" in m.codes,
    ),
    Case(
        "B31",
        "a picture by its cid, without disposition",
        lambda: several("related", rich('<img src="cid:a@b">'), PICTURE),
        lambda m: m.attachments[0].inline,
    ),
    Case(
        "B32",
        "a picture as data",
        typed(f'<img src="data:image/png;base64,{base64.b64encode(mails.PNG).decode()}"><p>Hi</p>', "text/html"),
        lambda m: m.body.text.strip() == "Hi" and "javascript" not in m.body.html,
    ),
    Case(
        "B33",
        "a pixel that tells tales",
        typed(
            '<p>Hi</p><img src="https://t.example/p.gif" width="1" height="1"><img src="https://t.example/a.png">',
            "text/html",
        ),
        lambda m: m.body.tracking_pixels == 1 and m.body.remote_images == 2 and ' src="http' not in m.body.html,
    ),
    Case(
        "B34",
        "winmail.dat",
        lambda: several("mixed", file("filename=winmail.dat", mails.winmail(("a.txt", b"A")), "application/ms-tnef")),
        called("a.txt"),
    ),
]
