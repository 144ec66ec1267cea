"""The lines of a day as HTML, joined here: a page has many of them, and as template nodes they cost twice as much."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from html import escape

from django.template.loader import get_template
from django.utils import dateformat, formats
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from beforehand.journey.channels import channel_word
from beforehand.journey.models import Kind
from beforehand.journey.timeline import Entry, Gap
from beforehand.lib import format as plain

LONGEST_QUOTE, LONGEST_DETAIL = 400, 90


@dataclass
class Pen:
    """Draws lines in the language in force. `usual`: a silence says how far touchpoints are apart otherwise."""

    currency: str
    usual: bool = False
    language: str = field(default_factory=lambda: get_language() or "en")

    def draw(self, lines: Sequence[Entry | Gap]) -> SafeString:
        drawn = (self.silence(line) if isinstance(line, Gap) else self.entry(line) for line in lines)
        return mark_safe("".join(drawn))  # noqa: S308

    def silence(self, gap: Gap) -> str:
        words = _("%(long)s without a touchpoint") % {"long": plain.duration(gap.length)}
        if self.usual and gap.rhythm is not None:
            words += _("; usually one every %(usual)s") % {"usual": plain.duration(gap.rhythm)}
        return f'<li class="gap"><span></span><span></span><div>{escape(words)}</div></li>'

    def entry(self, line: Entry) -> str:
        quote, touchpoint = line.quote, line.touchpoint
        said = f'<p class="quote">{escape(shortened(quote, LONGEST_QUOTE))}</p>' if quote else ""
        return (
            f"<li>{self.clock(line.time)}{self.bead(line)}<div><details>"
            f'<summary class="what">{self.what(line)}</summary><dl class="facts">{self.facts(line)}</dl>'
            f"</details>{said}{_why(line)}</div>"
            f'<span class="side">{escape(channel_word(touchpoint.channel) or str(touchpoint.source))}</span></li>'
        )

    def clock(self, local: datetime) -> str:
        """The time of the day; the whole moment for machines, and for whoever points at it."""
        short = f"{local.hour:02}:{local.minute:02}"
        whole = f"{_written(local.date(), self.language)}, {short}:{local.second:02}"
        return f'<time datetime="{local.isoformat()}" title="{whole}">{short}</time>'

    def bead(self, line: Entry) -> str:
        """What kind of thing a line is, or the score that was given in it."""
        score, word = line.score, _kind(line.kind, self.language)
        shown = escape(plain.number(score)) if score is not None and score < 100 else icon(line.icon)
        return f'<span class="bead {line.kind}" title="{word}">{shown}<span class="hid">{word}</span></span>'

    def what(self, line: Entry) -> str:
        """What happened: its name, what it was about, the money in it, and how often."""
        detail, amount = line.detail, line.amount
        parts = [f"<b>{escape(str(line.meaning.label))}</b>"]
        if detail:
            parts.append(f", {escape(shortened(detail, LONGEST_DETAIL))}")
        if amount:
            value, sent = amount
            money = plain.money(value, sent.upper() if len(sent) == 3 else self.currency)
            parts.append(f' <span class="amount">{escape(money)}</span>')
        if line.count > 1:
            often = _("%(n)s times, from %(from)s") % {"n": plain.number(line.count), "from": f"{line.earliest:%H:%M}"}
            parts.append(f' <span class="chip ghost">{escape(often)}</span>')
        return "".join(parts)

    def facts(self, line: Entry) -> str:
        """Everything else that is known of it, as the inside of a list of definitions."""
        pairs = [(_("stage"), str(line.meaning.stage)), *line.facts] if line.meaning.stage else line.facts
        return "".join([f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in pairs])


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


@cache
def icon(name: str) -> SafeString:
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


def _why(line: Entry) -> str:
    """Why the customer came, where they had to."""
    if line.contact is None:
        return ""
    cause = get_template("journey/_cause.html").render({"contact": line.contact, "opens": True})
    return f'<p class="why">{cause}</p><div id="judging-{line.contact.pk}"></div>'


# The language is an argument of both because the answer is kept for each.


@lru_cache(maxsize=1000)
def _written(date_: date, language: str) -> str:
    """A day in words."""
    return escape(dateformat.format(date_, formats.get_format("DATE_FORMAT", language)))


@cache
def _kind(kind: str, language: str) -> str:
    return escape(str(Kind(kind).label))
