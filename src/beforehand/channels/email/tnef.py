"""winmail.dat: the files and the text in Outlook's own wrapping.

Format: [MS-OXTNEF], the parts of it that carry files: attributes one behind the other, MAPI properties inside.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = 0x223E9F78
MOST_ATTRIBUTES = 20_000
MOST_PROPERTIES = 2_000
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_VARIED = {13, 30, 31, 258}


class File(NamedTuple):
    name: str
    type: str
    content: bytes
    cid: str


class Unpacked(NamedTuple):
    files: list[File]
    text: str
    html: bytes
    whole: bool


def unpack(content: bytes, most: int) -> Unpacked:
    """At most `most` files, the text, the HTML. `whole` is False where it ended before its end. Never raises."""
    unpacked = Unpacked([], "", b"", True)
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != SIGNATURE:
        return unpacked._replace(whole=False)
    found: dict[str, bytes] = {}
    properties: dict[int, bytes] = {}
    started, position = False, 6
    for _ in range(MOST_ATTRIBUTES):
        if position + 9 > len(content):
            break
        attribute, length = struct.unpack_from("<xII", content, position)
        data = content[position + 9 : position + 9 + length]
        position += 9 + length + 2
        name = attribute & 0xFFFF
        if name == 0x9002:
            _keep(unpacked.files, found, properties, started, most)
            found, properties, started = {}, {}, True
        elif name == 0x8010:
            found["name"] = data
        elif name == 0x800F:
            found["data"] = data
        elif name == 0x9005:
            properties.update(_properties(data))
        elif name == 0x9003:
            message = dict(_properties(data))
            unpacked = unpacked._replace(text=_text(message.get(0x1000, b"")), html=message.get(0x1013, b""))
    _keep(unpacked.files, found, properties, started, most)
    return unpacked._replace(whole=position <= len(content) + 2)


def _keep(files: list[File], found: dict[str, bytes], properties: dict[int, bytes], started: bool, most: int) -> None:
    content = found.get("data") or properties.get(0x3701, b"")
    if not started or len(files) >= most:
        return
    name = _text(properties.get(0x3707, b"")) or _text(found.get("name", b""))
    files.append(File(name, _text(properties.get(0x370E, b"")).lower(), content, _text(properties.get(0x3712, b""))))


def _text(data: bytes) -> str:
    if len(data) > 3 and data[1::2].count(0) > len(data) // 3:
        return data.decode("utf-16-le", "replace").split("\x00")[0]
    return data.split(b"\x00")[0].decode("cp1252", "replace")


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(id, bytes) of MAPI properties; ends where it meets something that it does not understand."""
    if len(data) < 4:
        return
    position = 4
    for _ in range(min(struct.unpack_from("<I", data)[0], MOST_PROPERTIES)):
        if position + 4 > len(data):
            return
        kind, name = struct.unpack_from("<HH", data, position)
        position += 4
        if name >= 0x8000:
            position = _named(data, position)
        count, several = 1, bool(kind & 0x1000)
        kind &= 0x0FFF
        if (several or kind in _VARIED) and position + 4 <= len(data):
            count = struct.unpack_from("<I", data, position)[0]
            position += 4
        for _ in range(min(count, MOST_PROPERTIES)):
            if kind in _FIXED:
                value, position = data[position : position + _FIXED[kind]], position + _FIXED[kind]
            elif kind in _VARIED and position + 4 <= len(data):
                length = struct.unpack_from("<I", data, position)[0]
                value = data[position + 4 : position + 4 + length]
                position += 4 + length + -length % 4
            else:
                return
            yield name, value


def _named(data: bytes, position: int) -> int:
    if position + 24 > len(data):
        return len(data)
    kind, length = struct.unpack_from("<II", data, position + 16)
    return position + 24 + (length + -length % 4 if kind == 1 else 0)
