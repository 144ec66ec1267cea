"""Numbers, spans of time, money and intervals as people read them, in the language that is active.

Numbers are bound to their units with no-break spaces, intervals stand in brackets, and a minus is a real minus.
"""

import math
from datetime import timedelta
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

NARROW = "\u202f"
BOUND = "\u00a0"
MINUS = "\u2212"
DASH = "\u2013"

Number = int | float | Decimal

SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "UAH": "₴", "TRY": "₺"}
SIGN_AFTER = {"de", "fr", "es", "it", "pt", "pl", "cs", "sv", "fi", "da", "nb", "ru", "uk", "ar", "he"}


def number(value: Number, digits: int | None = None) -> str:
    """1234.5 -> "1,234.5". Without `digits`: whole numbers whole, three figures of the others."""
    amount = float(value)
    if not math.isfinite(amount):
        return DASH
    places = _places(amount) if digits is None else digits
    rounded = round(amount, places)
    text = number_format(abs(rounded), decimal_pos=places, use_l10n=True, force_grouping=True)
    return (MINUS if rounded < 0 else "") + text


def _places(amount: float) -> int:
    size = abs(amount)
    if size >= 100 or size == int(size):
        return 0
    return 1 if size >= 10 else 2


def percent(share: Number, digits: int = 1) -> str:
    """0.714 -> "71.4 %"."""
    return f"{number(float(share) * 100, digits)}{NARROW}%"


def money(amount: Number, currency: str, digits: int | None = None) -> str:
    """1234.5, "EUR" -> "€1,234.50" or, in German, "1.234,50 €". Whole from 10,000 on."""
    size = abs(float(amount))
    places = (0 if size >= 10_000 or currency == "JPY" else 2) if digits is None else digits
    text, sign = number(size, places), SIGNS.get(currency, currency)
    minus = MINUS if amount < 0 else ""
    if (get_language() or "en").split("-")[0] in SIGN_AFTER or len(sign) > 1:
        return f"{minus}{text}{BOUND}{sign}"
    return f"{minus}{sign}{text}"


def duration(seconds: Number | timedelta) -> str:
    """The two largest units: "1 d 3 h", "18 min", "40 s", "250 ms"."""
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if not math.isfinite(total):
        return DASH
    minus, total = (MINUS if total < 0 else ""), abs(total)
    if round(total * 1000) < 1000:
        return f"{minus}{round(total * 1000)}{BOUND}ms" if total else f"0{BOUND}s"
    units = (
        (86_400, pgettext("days", "d"), 3_600),
        (3_600, pgettext("hours", "h"), 60),
        (60, pgettext("minutes", "min"), 1),
        (1, pgettext("seconds", "s"), 1),
    )
    place = next(at for at, (length, _sign, finer) in enumerate(units) if round(total / finer) * finer >= length)
    length, sign, finer = units[place]
    if finer == 1:
        return f"{minus}{number(round(total / length), 0)}{BOUND}{sign}"
    whole, rest = divmod(round(total / finer), length // finer)
    text = f"{minus}{number(whole, 0)}{BOUND}{sign}"
    return f"{text}{BOUND}{rest}{BOUND}{units[place + 1][1]}" if rest else text


def interval(low: str, high: str) -> str:
    """ "70.1", "72.6" -> "[70.1–72.6]"; with a minus in it "[−0.6 to 3.0]", since a dash would read as one."""
    if MINUS in low or MINUS in high:
        return "[" + _("%(low)s to %(high)s") % {"low": low, "high": high} + "]"
    return f"[{low}{DASH}{high}]"


def count(n: int) -> str:
    """18204 -> "n = 18,204"."""
    return f"n{NARROW}={NARROW}{number(n, 0)}"


def figure(value: Number, unit: str = "") -> tuple[str, str]:
    """A value and its unit apart, to be set in two sizes. Units are those of the measures; another is shown as it is.

    share (0 to 1), seconds, points (-100 to 100), rate (per 1,000), count, score.
    """
    match unit:
        case "share" | "%":
            return number(float(value) * 100, 1), "%"
        case "seconds" | "s":
            return duration(value), ""
        case "points":
            return number(value, 1), ""
        case "rate":
            return number(value), _("per 1,000")
        case "count" | "score":
            return number(value), ""
    return number(value), unit
