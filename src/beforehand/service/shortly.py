"""Times, names and sizes in few letters, as lists and threads show them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import dateformat, formats, timezone
from django.utils.translation import gettext as _


def wait(span: timedelta | None) -> str:
    """A span in few letters: 4 min, 2 h 10, 1 d 16 h."""
    if span is None:
        return ""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 10:
        return _("%(days)d d") % {"days": days}
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d min") % {"minutes": rest}


def moment(time: datetime | None) -> str:
    """Today by its hour, this week by its day, else the date."""
    if time is None:
        return ""
    local, now = timezone.localtime(time), timezone.localtime()
    if local.date() == now.date():
        return f"{local:%H:%M}"
    if abs((now.date() - local.date()).days) < 7:
        return dateformat.format(local, "D H:i")
    return formats.date_format(local, "j M" if local.year == now.year else "j M Y")


def initials(name: Any) -> str:
    words = [word for word in str(name).replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()


def bytes_of(size: int) -> str:
    """The size of a file."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB"
