"""The house keeps its shape: imports point down, files have the names that everybody knows, nothing grows too large."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "beforehand"
FLOORS = ["lib", "team", "customers", "journey", "insight", "channels", "help", "service", "voice", "care", "web"]
SIBLINGS = [{"help", "service", "voice"}]
TOP = {"settings", "urls", "asgi", "cli", "__main__", "demo"}
ROOMS = [path.name for path in sorted(PACKAGE.iterdir()) if (path / "__init__.py").exists() and path.name not in TOP]
FORBIDDEN = {"services", "utils", "helpers", "common", "managers", "mixins", "constants", "misc"}
HARD_STOP = 400
LONGEST_FUNCTION = 60


def sources(*, tests: bool = False) -> list[Path]:
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if "migrations" not in path.parts and (tests or "tests" not in path.parts)
    ]


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every module of ours that a file names in an import, with its line, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.startswith("beforehand"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the whole name"
            if node.module == "beforehand":
                yield from ((node.lineno, f"beforehand.{alias.name}") for alias in node.names)
            elif node.module and node.module.startswith("beforehand."):
                yield node.lineno, node.module


def points_down(importer: str, imported: str) -> bool:
    if importer in TOP or importer == imported:
        return True
    if imported.startswith("__"):
        return True
    if imported in TOP:
        return False
    if any({importer, imported} <= siblings for siblings in SIBLINGS):
        return False
    return FLOORS.index(imported) < FLOORS.index(importer)


def test_every_room_stands_on_a_floor():
    assert set(ROOMS) <= set(FLOORS)


def test_imports_only_ever_point_down():
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {module}"
        for path in sources()
        for line, module in imports_of(path)
        if room_of(module) and not points_down(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), room_of(module))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("journey", "customers", True),
        ("customers", "journey", False),
        ("lib", "team", False),
        ("service", "help", False),
        ("care", "voice", True),
        ("web", "settings", False),
        ("cli", "web", True),
    ],
)
def test_the_rule_of_floors_itself(importer, imported, allowed):
    assert points_down(importer, imported) is allowed


def test_insight_reads_touchpoints_through_the_lake():
    """Its pages may name customers; nothing in it asks the record for touchpoints."""
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in (PACKAGE / "insight").rglob("*.py")
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("beforehand.journey.models")
        and {"Touchpoint", "Journey", "FailedMessage"} & {alias.name for alias in node.names}
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_has_a_name_that_says_nothing():
    assert not [path for path in sources(tests=True) if path.stem in FORBIDDEN]


def test_every_room_says_what_it_is_for():
    for room in ROOMS:
        text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8")))
        assert text and len(text) > 40, f"{room}/__init__.py has no docstring that says what the room is for"


def test_no_file_is_too_long_to_be_one_thought():
    long = {str(path.relative_to(PACKAGE)): lines for path in sources() if (lines := count(path)) > HARD_STOP}
    assert not long


def count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_function_is_too_long_to_be_read_at_once():
    long = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_views_are_resources():
    """A class of a view answers to HTTP's own verbs; a new verb is a new resource."""
    verbs = {"get", "post", "put", "patch", "delete", "head", "dispatch", "setup"}
    wrong = []
    for path in sources():
        if path.stem != "views" and path.parent.name != "views":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("View"):
                public = {f.name for f in node.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")}
                wrong += [f"{path.relative_to(PACKAGE)}: {node.name}.{name}" for name in acting(public - verbs)]
    assert not wrong, "\n".join(wrong)


def acting(names: set[str]) -> set[str]:
    """Names that a view may define beside the verbs: Django's own hooks, and those of the boards (BoardView)."""
    hooks = {"show", "answer", "member"}
    return {name for name in names - hooks if not name.startswith(("get_", "form_", "test_", "has_"))}


def test_settings_are_read_when_they_are_used():
    """A module that copies a setting at import time cannot be tested with another, and hides where it came from."""
    wrong = []
    for path in sources():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                reads = [n for n in ast.walk(node.value) if isinstance(n, ast.Attribute) and _is_settings(n)]
                inside = any(isinstance(n, ast.Lambda) for n in ast.walk(node.value))
                if reads and not inside:
                    wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not wrong, "\n".join(wrong)


def _is_settings(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "settings" and node.attr.isupper()


def test_no_template_carries_script_or_style():
    """A strict content security policy holds: no inline script, no handler attribute, no style attribute."""
    wrong = []
    for path in PACKAGE.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8").lower()
        if "report" in path.parts and "insight" in path.parts:
            continue  # The report is one self-contained file, which no policy of a server governs.
        bad = [word for word in (" style=", " onclick=", " onload=", " onchange=", "javascript:") if word in text]
        if bad or ("<script" in text and "src=" not in text.split("<script", 1)[1].split(">", 1)[0]):
            wrong.append(f"{path.relative_to(PACKAGE)} {bad}")
    assert not wrong, "\n".join(wrong)
