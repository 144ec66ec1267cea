"""The docs say what the code does: every setting and every command is there."""

import re
from pathlib import Path

from tests.write_docs import PAGE, page

ROOT = Path(__file__).parents[1]
READ = re.compile(r'env\.(?:text|flag|number|words|address)\(\s*"([A-Z_]+)"')


def settings_read() -> set[str]:
    sources = (ROOT / "src").rglob("*.py")
    return {name for path in sources for name in READ.findall(path.read_text(encoding="utf-8"))}


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert settings_read()
    assert not [name for name in sorted(settings_read()) if f"`{name}`" not in text]


def test_no_setting_is_documented_that_nobody_reads():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))
    assert not documented - settings_read()


def test_every_command_is_documented_as_it_is():
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/cli.md is out of date: run `make docs`"


def test_every_measure_is_documented_as_it_is():
    from tests import write_measures

    assert write_measures.PAGE.read_text(encoding="utf-8") == write_measures.page(), "out of date: run `make docs`"


def test_the_readme_says_what_whom_and_how_in_its_first_ten_lines():
    top = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:10])
    assert "make demo" in top and "make test" in top


def test_every_link_between_pages_leads_somewhere():
    wrong = []
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                wrong.append(f"{path.relative_to(ROOT)}: {target}")
    assert not wrong, "\n".join(wrong)


def test_lock_file_names_versions_only():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    assert not [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", line)]
