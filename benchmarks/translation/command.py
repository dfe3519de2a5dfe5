"""`python -m benchmarks translation`: estimate what is known, and count how often it was right."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.translation.cells import CELLS, Cell
from benchmarks.translation.running import Results, run_cells
from benchmarks.translation.tables import as_markdown, sheets, show

_DRAWS = 300
REDUCED = (
    "ar0.6 36 months",
    "walks 36 months",
    "season 36 months",
    "effect0.6 60 months",
    "fading 60 months",
)
_FEW = 10
BEGIN, END = "<!-- begin: python -m benchmarks translation -->", "<!-- end -->"


def main(arguments: Sequence[str]) -> Results:
    """Run the cells asked for and show what came out."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks translation", description=__doc__)
    parser.add_argument("--draws", type=int, help="simulated series a cell")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="scenarios; all")
    parser.add_argument("--quick", action="store_true", help="five cells, ten draws")
    parser.add_argument("--share", type=float, default=1.0, help="of the draws all methods see")
    parser.add_argument("--processes", type=int, default=1, help="each takes one core")
    parser.add_argument("--kept", type=Path, help="results so far, to go on from")
    parser.add_argument("--into", type=Path, help="a document whose tables are replaced")
    asked = parser.parse_args(arguments)
    names = {cell.scenario.name for cell in CELLS.values()}
    if unknown := set(asked.only or ()) - names:
        known = ", ".join(sorted(names))
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; there are {known}")
    cells = chosen(asked.only, is_quick=asked.quick)
    base = asked.draws or (_FEW if asked.quick else _DRAWS)
    draws = {cell.key: base for cell in cells}
    found = run_cells(
        cells, draws=draws, share=asked.share, processes=asked.processes, kept=asked.kept
    )
    for sheet in sheets(found):
        show(sheet, Console(width=200))
    if asked.into:
        write_into(asked.into, found)
    return found


def chosen(only: Sequence[str] | None, *, is_quick: bool) -> list[Cell]:
    """The cells of the scenarios asked for."""
    cells = [CELLS[key] for key in REDUCED] if is_quick and not only else list(CELLS.values())
    return [cell for cell in cells if not only or cell.scenario.name in only]


def write_into(document: Path, found: Results) -> None:
    """Replace what stands between the two marks of a document."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    lines = [line for sheet in sheets(found) for line in as_markdown(sheet)]
    document.write_text(
        f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8"
    )
