"""HTML as strangers send it, made even: every tag closed, nested at most so deep, quotes and images known.

One pass in linear time. It is no guard against scripts (`cleaning` has nh3 for that), but it has to come before one: a
real HTML parser takes a time that grows with the square of the depth, and 500 KB of `<div>` cost it a minute.
"""

import html
import re
from dataclasses import dataclass, field

from beforehand.channels.email import limits

_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})((?:[^<>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s<>]*+))*+)(>?)|<[!?][^<>]*+>?"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]{0,40})\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++)))?")
LONGEST_RUN = 8_000
_SPACE = re.compile(r"[ \t\r\n\f]+")
# fmt: off
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNSHOWN = {"script", "style", "title", "svg", "math", "template", "object", "applet", "iframe", "select", "textarea",
           "xml", "audio", "video", "canvas"}
LINES = {"p", "div", "table", "tr", "ul", "ol", "dl", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6",
         "blockquote", "pre", "hr", "center", "address", "section", "article", "header", "footer", "form", "fieldset"}
KEPT = LINES | {"a", "b", "i", "u", "s", "em", "strong", "small", "big", "sub", "sup", "span", "font", "code", "tt",
                "kbd", "samp", "br", "img", "tbody", "thead", "tfoot", "td", "th", "caption", "col", "colgroup", "del",
                "ins", "strike", "q", "cite", "abbr", "var", "wbr", "mark", "bdo", "bdi"}
CLOSES = {"li": ({"li"}, {"ul", "ol"}), "dt": ({"dt", "dd"}, {"dl"}), "dd": ({"dt", "dd"}, {"dl"}),
          "td": ({"td", "th"}, {"tr", "table"}), "th": ({"td", "th"}, {"tr", "table"}),
          "tr": ({"td", "th", "tr"}, {"table"}), "a": ({"a"}, {"td", "th"})}
ENDS_PARAGRAPH = ({"p"}, {"td", "th", "div", "li", "blockquote", "table"})
# fmt: on
_QUOTE = re.compile(
    r"(?:^|\s)(?:x_)?(?:gmail_quote|gmail_quote_container|moz-cite-prefix|yahoo_quoted|protonmail_quote|tutanota_quote"
    r"|divrplyfwdmsg|appendonsend|olk_src_body_section|mail-editor-reference-message-container|outlookmessageheader)"
    r"(?:\s|$)",
    re.IGNORECASE,
)
_TO_THE_END = re.compile(r"divrplyfwdmsg|appendonsend|outlookmessageheader", re.IGNORECASE)
_LONG_DATA = re.compile(r"data:[^\"'\s<>]{200000,}+")


@dataclass(slots=True)
class Even:
    """The result, while it grows. `cut`: where in `html` the first quote begins, and nothing new comes after it."""

    html: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    quotes: list[int] = field(default_factory=list)
    suppressed: dict[str, int] = field(default_factory=dict)
    cut: int | None = None
    cut_stack: tuple[str, ...] = ()
    new_after_cut: bool = False
    to_the_end: bool = False
    preformatted: int = 0
    cited: int = 0
    links: list[str] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    too_deep: bool = False
    run: int = 0

    def whole(self) -> str:
        return "".join(self.html) + "".join(f"</{name}>" for name in reversed(self.stack))

    def reply(self) -> str:
        if self.cut is None or self.new_after_cut:
            return ""
        return "".join(self.html[: self.cut]) + "".join(f"</{name}>" for name in reversed(self.cut_stack))

    def words(self) -> str:
        lines = (line.rstrip() for line in "".join(self.text).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def even(source: str) -> Even:
    """Read HTML of any shape. The caller cuts it to a size; the time is linear in it."""
    source = _uncommented(_LONG_DATA.sub("data:", source))
    lower = source.lower()
    result, position, endless = Even(), 0, set[str]()
    while match := _TAG.search(source, position):
        _words(result, source[position : match.start()])
        position = match.end()
        name = (match[2] or "").lower()
        if not name or not match[4]:
            continue
        if match[1]:
            _close(result, name)
        elif name in UNSHOWN:
            end = -1 if name in endless else lower.find(f"</{name}", position)
            if end < 0:
                endless.add(name)
            else:
                position = end
        elif name in KEPT:
            _open(result, name, match[3])
    _words(result, source[position:])
    return result


def _uncommented(source: str) -> str:
    """Without comments, which are where office programs hide half a page. One that never ends hides nothing."""
    if "<!--" not in source:
        return source
    kept, position = [], 0
    while (start := source.find("<!--", position)) >= 0:
        end = source.find("-->", start + 4)
        if end < 0:
            break
        kept.append(source[position:start])
        position = end + 3
    return "".join([*kept, source[position:].replace("<!--", "")])


def _words(result: Even, raw: str) -> None:
    if not raw:
        return
    text = html.unescape(raw)
    if result.cut is not None and not result.quotes and not result.to_the_end and text.strip("\xa0 \t\r\n\u200b"):
        result.new_after_cut = True
    _write(result, text)
    if not result.preformatted:
        text = _SPACE.sub(" ", text)
        if not result.text or result.text[-1].endswith(("\n", " ", "> ")):
            text = text.lstrip(" ")
    elif result.cited:
        text = text.replace("\n", "\n" + "> " * result.cited)
    if text:
        result.text.append(text)


def _write(result: Even, text: str) -> None:
    """Text as HTML. A run of many ampersands in one node costs nh3 the square of their number, so it is broken up."""
    for start in range(0, len(text), LONGEST_RUN):
        piece = html.escape(text[start : start + LONGEST_RUN], quote=False)
        result.run += len(piece)
        if result.run > LONGEST_RUN:
            result.html.append("<span></span>")
            result.run = len(piece)
        result.html.append(piece)


def _newline(result: Even) -> None:
    result.text.append("\n" + "> " * min(result.cited, 5))


def _fresh_line(result: Even) -> None:
    if result.text and not result.text[-1].endswith(("\n", "> ")):
        _newline(result)


def _open(result: Even, name: str, written: str) -> None:
    attributes = _attributes(written)
    if name in LINES:
        _close_through(result, *ENDS_PARAGRAPH)
        _fresh_line(result)
    if name in CLOSES:
        _close_through(result, *CLOSES[name])
    _notice_quote(result, name, attributes)
    if name == "br":
        _newline(result)
    elif name in {"td", "th"} and result.text and not result.text[-1].endswith(("\n", " ", "\t")):
        result.text.append("\t")
    elif name == "li":
        result.text.append("- ")
    if name == "a":
        result.links.append(attributes.get("href", ""))
        if len(result.links) > limits.MOST_LINKS:
            return
    if name == "img":
        result.images.append(attributes)
        attributes["data-image"] = str(len(result.images) - 1)
    if len(result.stack) >= limits.DEEPEST_HTML and name not in VOID:
        result.suppressed[name] = result.suppressed.get(name, 0) + 1
        result.too_deep = True
        return
    result.html.append(_tag(name, attributes))
    result.run = 0
    if name in VOID:
        return
    result.stack.append(name)
    result.preformatted += name == "pre"
    if name == "blockquote":
        result.cited += 1
        _newline(result) if result.text else result.text.append("> ")


def _notice_quote(result: Even, name: str, attributes: dict[str, str]) -> None:
    marks = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    cite = name == "blockquote" and (attributes.get("type", "").lower() == "cite" or "quote" in marks.lower())
    if name in VOID or not (cite or _QUOTE.search(marks)):
        return
    if result.cut is None:
        result.cut, result.cut_stack = len(result.html), tuple(result.stack)
    result.to_the_end = result.to_the_end or bool(_TO_THE_END.search(marks))
    if len(result.stack) < limits.DEEPEST_HTML:
        result.quotes.append(len(result.stack))


def _close(result: Even, name: str) -> None:
    if result.suppressed.get(name):
        result.suppressed[name] -= 1
    elif name == "br":
        _newline(result)
    elif name in result.stack:
        if name in LINES:
            _fresh_line(result)
        while _pop(result) != name:
            pass
        if name == "p":
            _newline(result)


def _close_through(result: Even, names: set[str], until: set[str]) -> None:
    """Close the outermost open tag of these names, and what is open in it, but nothing beyond a border."""
    for place in range(len(result.stack) - 1, -1, -1):
        if result.stack[place] in names:
            while len(result.stack) > place:
                _pop(result)
        elif result.stack[place] in until:
            return


def _pop(result: Even) -> str:
    name = result.stack.pop()
    result.html.append(f"</{name}>")
    result.preformatted -= name == "pre"
    if name == "blockquote":
        result.cited -= 1
        if result.text and not result.text[-1].strip("> \n"):
            result.text.pop()
        _newline(result)
    while result.quotes and result.quotes[-1] >= len(result.stack):
        result.quotes.pop()
    return name


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written):
        value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4] or ""
        found.setdefault(match[1].lower(), html.unescape(value))
        if len(found) >= 40:
            break
    return found


def _tag(name: str, attributes: dict[str, str]) -> str:
    kept = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items() if key in ATTRIBUTES)
    return f"<{name}{kept}>"


# fmt: off
ATTRIBUTES = {"href", "src", "alt", "title", "width", "height", "align", "valign", "bgcolor", "color", "size", "face",
              "colspan", "rowspan", "cellpadding", "cellspacing", "border", "dir", "lang", "style", "start", "type",
              "data-image"}
# fmt: on
