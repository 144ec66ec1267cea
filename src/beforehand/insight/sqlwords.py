"""SQL as a page shows it: words strong, functions in the accent, what is given set back."""

import re

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

KEYWORDS = frozenset(
    """with as select from where group by order having join left right inner cross on and or not in is null case when
    then else end over partition between union all distinct limit offset desc asc interval cast filter within values
    lateral rows range preceding following unbounded like exists using window qualify""".split()  # noqa: SIM905
)
TOKEN = re.compile(r"('(?:[^']|'')*'|--[^\n]*)|(\$\w+|\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)(\s*\()?|(.)", re.DOTALL)


def shown(sql: str) -> SafeString:
    """The statement as HTML: `b` for keywords, `em` for functions, `i` for texts, numbers and parameters."""
    return mark_safe("".join(_token(match) for match in TOKEN.finditer(sql)))  # noqa: S308


def _token(match: re.Match[str]) -> str:
    text, given, word, opens, other = match.groups()
    if text or given:
        return format_html("<i>{}</i>", text or given)
    if word:
        if word.lower() in KEYWORDS:
            return format_html("<b>{}</b>{}", word, opens or "")
        if opens:
            return format_html("<em>{}</em>{}", word, opens)
        return conditional_escape(word)
    return conditional_escape(other)
