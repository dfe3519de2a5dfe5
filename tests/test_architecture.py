"""The rules of the house that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py") if path.name != "__init__.py")
PAGE_LINES = 60


def test_imports_only_point_down() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_first_line_of_a_page_names_the_role_it_needs(page: Path) -> None:
    body = ast.parse(page.read_text()).body
    first = next(
        node
        for node in body
        if not isinstance(node, ast.Import | ast.ImportFrom) and not is_docstring(node)
    )
    assert ast.unparse(first).startswith(("actor = require_role(Role.", "require_role(Role."))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_stays_short(page: Path) -> None:
    assert len(page.read_text().splitlines()) <= PAGE_LINES


def test_every_page_is_in_the_navigation() -> None:
    shell = (ROOT / "pages" / "ui" / "shell.py").read_text()
    assert [page.name for page in PAGES if f'"{page.name}"' not in shell] == []


def test_the_readme_lists_every_page() -> None:
    shell = (ROOT / "pages" / "ui" / "shell.py").read_text()
    titles = re.findall(r'\.py", title="([^"]+)"', shell)
    assert len(titles) == len(PAGES)
    readme = (ROOT / "README.md").read_text()
    assert [title for title in titles if f"**{title}**" not in readme] == []


def test_user_text_never_meets_raw_html() -> None:
    sources = [path.read_text() for path in (ROOT / "pages").rglob("*.py")]
    assert not any("unsafe_allow" in source for source in sources)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_only_the_fiscal_calendar_says_which_days_a_month_has() -> None:
    plain = re.compile(r"from kpi_engine\.periods import [^\n]*\b(month_of|last_day)\b")
    above = ("services", "words", "charts", "render", "cli", "maths", "mapping")
    sources = [path for name in above for path in (ROOT / "kpi_engine" / name).rglob("*.py")]
    found = [path.name for path in sources if plain.search(path.read_text())]
    # A template names months that are over, a long file is drawn by the month, what is counted
    # again is a stretch of whole calendar months, and steps go from name to name, in any calendar.
    assert sorted(found) == ["recounting.py", "row_days.py", "steps.py", "templates.py"]
