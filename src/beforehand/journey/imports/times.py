"""When something happened, out of whatever a file writes: SQL that turns text into microseconds since 1970 UTC."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

import duckdb

from beforehand.journey.imports.table import ImportFailed, quoted

ISO = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?")
ZONED = re.compile(r".*\d(Z| ?UTC| ?GMT| ?[+-]\d\d(:?\d\d)?)", re.IGNORECASE)
NUMBER = re.compile(r"\d{9,19}(\.\d+)?")
DAY_AND_MONTH = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d\d)\b.*")
UNITS = [(10**11, "seconds", "* 1000000"), (10**14, "milliseconds", "* 1000"), (10**17, "microseconds", "")]
TINIEST = (10**20, "nanoseconds", "/ 1000")
CLOCKS = ["", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", ", %H:%M:%S", ", %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S"]
COMPACT = [
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M",
    "%Y%m%dT%H%M%S",
    "%Y%m%dT%H%M%SZ",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H%M%S",
]
WORDS = [
    f"{day}{clock}"
    for day in ("%d %b %Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d.%b.%Y", "%a, %d %b %Y")
    for clock in CLOCKS
]
ZONED_WORDS = ["%a, %d %b %Y %H:%M:%S %z", "%d/%b/%Y:%H:%M:%S %z", "%d %b %Y %H:%M:%S %z", "%a %b %d %H:%M:%S %z %Y"]
FEW = 40
HALF = 0.5  # a column whose other half is broken is still one of times; the broken rows are rejected

Extremes = Callable[[], tuple[int, int]]


class Reading(NamedTuple):
    """How a column's times are read: `sql` with `{x}` for the text, and a sentence for people."""

    sql: str
    label: str

    def of(self, expression: str) -> str:
        return self.sql.replace("{x}", expression)


def reading(values: Sequence[str], zone: str, extremes: Extremes, form: str | None = None) -> Reading:
    """The reading that fits these first values. `extremes` gives the largest first and second number of the column."""
    if form:
        return _forms([form], f"written as {form}", zone)
    found = guess(values, zone, extremes)
    if found is None:
        shown = ", ".join(f"“{value[:FEW]}”" for value in list(dict.fromkeys(values))[:3]) or "nothing but empty cells"
        raise ImportFailed(
            f"The times cannot be read: {shown}. Say how they are written, like --time-format '%d/%m/%Y %H:%M'."
        )
    return found


def guess(values: Sequence[str], zone: str, extremes: Extremes) -> Reading | None:
    if not values:
        return None
    if _most(ISO, values):
        return Reading(_iso_sql(), "ISO" + _zone_note(values, zone))
    if _most(DAY_AND_MONTH, values):
        return _day_and_month(values, zone, extremes)
    for family in (COMPACT, ZONED_WORDS, WORDS):
        if forms := _fitting(family, values):
            return _forms(forms, f"written as {forms[0]}", zone)
    return _epoch(values) if _most(NUMBER, values) else None


def looks_like_times(values: Sequence[str]) -> bool:
    """Whether most values can be nothing but times; plain numbers may be something else."""
    return bool(values) and (
        _most(ISO, values) or _most(DAY_AND_MONTH, values) or bool(_fitting(WORDS + ZONED_WORDS, values))
    )


def _most(pattern: re.Pattern[str], values: Sequence[str]) -> bool:
    return sum(bool(pattern.fullmatch(value)) for value in values) >= HALF * len(values)


def _zone_note(values: Sequence[str], zone: str) -> str:
    zoned = sum(bool(ZONED.fullmatch(value)) for value in values)
    if zoned == len(values):
        return ", with their own zone"
    return f", without a zone: read as {zone}" if zoned == 0 else f"; those without a zone read as {zone}"


def _iso_sql() -> str:
    """DuckDB's own cast is quick and reads nearly all; what it does not know is put into its shape first."""
    dashes = "regexp_replace({x}, '^(\\d{4})\\.(\\d+)\\.', '\\1-\\2-')"
    tidy = f"regexp_replace(replace({dashes}, ',', '.'), '\\s+([+-]\\d\\d)', '\\1')"
    return f"epoch_us(coalesce(try_cast({{x}} AS TIMESTAMPTZ), try_cast({tidy} AS TIMESTAMPTZ)))"


def _epoch(values: Sequence[str]) -> Reading:
    """Numbers: the unit that puts the middle one between 1973 and 5138, for the whole column."""
    middle = sorted(float(value) for value in values if NUMBER.fullmatch(value))[len(values) // 2 - 1]
    _, unit, factor = next((unit for unit in UNITS if middle < unit[0]), TINIEST)
    number = "try_cast({x} AS DECIMAL(38, 9))"
    return Reading(f"try_cast(floor({number} {factor}) AS BIGINT)", f"{unit} since 1970")


def _day_and_month(values: Sequence[str], zone: str, extremes: Extremes) -> Reading:
    """Whether the day comes first is known when a number is over 12. Dots are only written where it does."""
    first, second = extremes()
    dotted = sum("." in (match[2] if (match := DAY_AND_MONTH.fullmatch(value)) else "") for value in values)
    if first > 12 >= second or (dotted > len(values) / 2 and second <= 12):
        order = "%d{0}%m{0}", "day first"
    elif second > 12 >= first:
        order = "%m{0}%d{0}", "month first"
    else:
        raise ImportFailed(
            f"Dates like “{values[0][:FEW]}” may have the day or the month first, and none tells which."
            " Say it with --time-format '%d/%m/%Y %H:%M' or '%m/%d/%Y %H:%M'."
        )
    short = sum(len(match[4]) == 2 for value in values if (match := DAY_AND_MONTH.fullmatch(value)))
    year = "%y" if short > len(values) / 2 else "%Y"
    forms = [order[0].format(mark) + year + clock for mark in "/.-" for clock in CLOCKS]
    return _forms(_fitting(forms, values) or forms, order[1], zone)


def _forms(forms: Sequence[str], label: str, zone: str) -> Reading:
    zoned = any("%z" in form or "%Z" in form for form in forms)
    listed = ", ".join(map(quoted, forms))
    try:
        duckdb.cursor().execute(f"SELECT try_strptime('x', [{listed}])")
    except duckdb.Error as error:
        raise ImportFailed(f"“{forms[0]}” is no time format: {str(error).splitlines()[0]}") from None
    note = ", with their own zone" if zoned else f", without a zone: read as {zone}"
    return Reading(f"epoch_us(try_strptime({{x}}, [{listed}])::TIMESTAMPTZ)", label + note)


def _fitting(forms: Sequence[str], values: Sequence[str]) -> list[str] | None:
    """The forms that read at least one value, the most successful first; None when together they read too few."""
    sample = list(values[:200])
    lists = ", ".join(f"list(x) FILTER (try_strptime(x, {quoted(form)}) IS NOT NULL)" for form in forms)
    found = duckdb.cursor().execute(f"SELECT {lists} FROM unnest($1) AS t(x)", [sample]).fetchone() or ()
    counts = {form: len(texts) for form, texts in zip(forms, found, strict=True) if texts}
    read = {text for texts in found if texts for text in texts}
    if sum(value in read for value in sample) < HALF * len(sample):
        return None
    return sorted(counts, key=lambda form: -counts[form])
