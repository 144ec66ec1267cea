"""Mails of our own making, one for each way in which mail goes wrong."""

import base64
import struct

HEAD = {
    "From": "Ada Lovelace <ada@customer.example>",
    "To": "help@us.example",
    "Subject": "My order",
    "Date": "Mon, 2 Mar 2026 10:00:00 +0100",
    "Message-ID": "<1@customer.example>",
}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def mail(body: bytes | str = "Where is it?\r\n", **headers: str | bytes | None) -> bytes:
    """A mail with the usual head; a header given as None is left out, `_` in a name is a dash."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    fields: dict[str, str | bytes | None] = {
        name: value for name, value in HEAD.items() if name.lower() not in {key.lower() for key in given}
    } | given
    lines = [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode("utf-8"))
        for name, value in fields.items()
        if value is not None
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode("utf-8"))


def part(kind: str, content: bytes | str, **headers: str) -> bytes:
    lines = [f"Content-Type: {kind}"] + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (content if isinstance(content, bytes) else content.encode())


def several(kind: str, *parts: bytes, boundary: str = "=_b1", preamble: str = "", **headers: str | None) -> bytes:
    line = b"--" + boundary.encode()
    body = preamble.encode() + b"".join(b"\r\n" + line + b"\r\n" + each for each in parts) + b"\r\n" + line + b"--\r\n"
    return mail(body, MIME_Version="1.0", Content_Type=f'multipart/{kind}; boundary="{boundary}"', **headers)


def inner(kind: str, *parts: bytes, boundary: str) -> bytes:
    line = b"--" + boundary.encode()
    body = b"".join(b"\r\n" + line + b"\r\n" + each for each in parts) + b"\r\n" + line + b"--\r\n"
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + body


def text(content: str | bytes) -> bytes:
    return part("text/plain; charset=utf-8", content)


def rich(content: str | bytes) -> bytes:
    return part("text/html; charset=utf-8", content)


def file(name: str, content: bytes = b"x", kind: str = "application/pdf", **headers: str) -> bytes:
    return part(
        kind,
        base64.encodebytes(content),
        Content_Transfer_Encoding="base64",
        Content_Disposition=f"attachment; {name}",
        **headers,
    )


def bounce(
    status: str = "5.1.1", action: str = "failed", original: bytes | None = None, **headers: str | None
) -> bytes:
    report = (
        "Reporting-MTA: dns; mx.us.example\r\n\r\nFinal-Recipient: rfc822; ada@customer.example\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} No\r\n"
    )
    sent = mail("Dear Ada", Message_ID="<ours@us.example>", From="help@us.example") if original is None else original
    head = {"From": "MAILER-DAEMON@mx.us.example", "Subject": "Undelivered Mail Returned to Sender", **headers}
    parts = [text("It did not arrive."), part("message/delivery-status", report), part("message/rfc822", sent)]
    return several('report; report-type="delivery-status"', *parts, **head)


def nested(depth: int) -> bytes:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return b"From: a@b.example\r\n" + head + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


def winmail(*files: tuple[str, bytes]) -> bytes:
    def attribute(name: int, data: bytes) -> bytes:
        return struct.pack("<BII", 2, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    content = struct.pack("<IH", 0x223E9F78, 1)
    for name, data in files:
        content += attribute(0x00069002, b"\x01\x00" + b"\x00" * 12)
        content += attribute(0x00018010, name.encode("cp1252") + b"\x00") + attribute(0x0006800F, data)
    return content


CALENDAR = (
    "BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:42@cal\r\nSUMMARY:Call with\r\n  Ada\r\n"
    "DTSTART:20260305T100000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@customer.example\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)


def invitation(method: str) -> bytes:
    return several(
        "alternative", text("A meeting"), part(f"text/calendar; method={method}", CALENDAR.format(method=method))
    )


SIGNED = several(
    'signed; protocol="application/pkcs7-signature"',
    text("Signed"),
    file("filename=smime.p7s", kind="application/pkcs7-signature"),
)
SEEDS: dict[str, bytes] = {
    "plain": mail(),
    "encoded": mail(Subject="=?utf-8?B?w6Q=?= =?utf-8?q?=C3=A4?=", From="=?utf-8?q?J=C3=BCrgen?= <j@b.example>"),
    "alternative": several("alternative", text("Hi\r\n> old"), rich("<p>Hi<blockquote type=cite>old</blockquote>")),
    "related": several(
        "related", rich('<img src="cid:a@b">'), file("filename=a.png", PNG, "image/png", Content_ID="<a@b>")
    ),
    "rfc2231": several("mixed", text("x"), file("filename*0*=utf-8''%e2%82; filename*1*=%ac.pdf")),
    "tnef": several("mixed", text("x"), file("filename=winmail.dat", winmail(("a.txt", b"A")), "application/ms-tnef")),
    "bounce": bounce(),
    "invitation": invitation("REQUEST"),
    "signed": SIGNED,
    "nested": nested(8),
    "forwarded": several("mixed", text("see"), part("message/rfc822", mail("inner"))),
    "uuencode": mail("see\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n"),
    "flowed": mail("a \r\nb\r\n> c \r\n> d\r\n", Content_Type="text/plain; format=flowed; delsp=yes"),
    "charset": mail("Gr\xfc\xdfe".encode("latin-1"), Content_Type="text/plain; charset=utf-8"),
    "yenc": mail("=ybegin line=128 size=3 name=a.bin\r\n\x8b\x8c\x8d\r\n=yend size=3\r\n"),
    "markup": mail(
        "<table><tr><td><a href='http://x'>y</a><img src=//t width=1><style>x</style><!-- c -->",
        Content_Type="text/html",
    ),
    "headers": mail(References=" ".join(f"<{n}@x>" for n in range(30)), Authentication_Results="mx; dmarc=pass (x)"),
}
