"""Another language is whole in the shell and the settings, and what is compiled is what was written."""

import ast
import gettext
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import formats, translation

import beforehand
from beforehand.lib import format as plain

PACKAGE = Path(beforehand.__file__).parent
MESSAGES = PACKAGE / "locale" / "de" / "LC_MESSAGES"
NOTED = re.compile(r'AuditEntry\.note\(\s*"([^"]+)"')
SAID = re.compile(r'{%-? *translate "((?:[^"\\]|\\.)+)"')


def written() -> dict[str, str]:
    """What django.po says: each message without a plural, with its context where it has one."""
    messages = {}
    for block in (MESSAGES / "django.po").read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        for key, text in re.findall(r'^(msgctxt|msgid|msgstr)? ?(".*")$', block, re.M):
            name = key or name  # noqa: F821
            parts[name] = parts.get(name, "") + ast.literal_eval(text)
        if parts.get("msgid") and parts.get("msgstr"):
            messages["\x04".join(filter(None, (parts.get("msgctxt"), parts["msgid"])))] = parts["msgstr"]
    return messages


def test_what_is_compiled_is_what_was_written():
    with (MESSAGES / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    texts = {message: text for message, text in compiled.items() if message and isinstance(message, str)}
    assert texts == written(), "Run: beforehand django compilemessages (in src/beforehand)"


def test_every_verb_of_the_audit_is_translated():
    known = written()
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if "tests" not in path.parts]
    verbs = {verb for source in sources for verb in NOTED.findall(source)}
    assert len(verbs) > 30
    assert sorted(verb for verb in verbs if f"audit\x04{verb}" not in known) == []


@pytest.mark.parametrize("room", ["web", "team"])
def test_every_word_of_the_shell_and_the_settings_is_translated(room):
    known = written()
    missing = [
        f"{path.relative_to(PACKAGE)}: {text}"
        for path in sorted((PACKAGE / room / "templates").rglob("*"))
        if path.is_file()
        for text in SAID.findall(path.read_text(encoding="utf-8"))
        if text not in known and text.replace("%", "%%") not in known
    ]
    assert not missing, "\n".join(missing)


def test_numbers_follow_the_language():
    with translation.override("de"):
        said = plain.number(18204), plain.percent(0.714), plain.money(3978, "EUR"), plain.duration(97_200)
    plainly = [" ".join(words.split()) for words in said]
    assert plainly == ["18.204", "71,4 %", "3.978,00 €", "1 T 3 h"]


def test_the_log_in_page_speaks_the_language_of_the_browser(client, db):
    page = client.get("/account/login/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="de"' in page and "Passwort vergessen?" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("j M", "3. Nov."),
        ("j M Y", "3. Nov. 2026"),
        ("j F Y", "3. November 2026"),
        ("j M Y, H:i", "3. Nov. 2026, 09:05"),
    ],
)
def test_days_are_written_as_germans_write_them(asked, said):
    moment = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
    with translation.override("de"):
        assert formats.date_format(moment, asked) == said
        assert Template('{{ day|date:"' + asked + '" }}').render(Context({"day": moment})) == said
    assert formats.date_format(moment, "j M Y") == "3 Nov 2026"


def test_no_word_of_ours_takes_the_place_of_a_month():
    """“May” is also what somebody may do: Django asks for its months in the same catalogue."""
    with translation.override("de"):
        months = [formats.date_format(datetime(2026, month, 1, tzinfo=UTC), "F") for month in range(1, 13)]
    assert " ".join(months) == ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
