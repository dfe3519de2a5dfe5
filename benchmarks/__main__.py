"""`python -m benchmarks [PART ...] [--quick]`: measure, and compare with the budgets.

`python -m benchmarks translation` has options of its own.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.demo import build, measure_demo
from benchmarks.explore import measure_explore
from benchmarks.importing import measure_imports, measure_large, measure_small
from benchmarks.links import measure_links
from benchmarks.measure import in_own_process
from benchmarks.page import measure_pages
from benchmarks.report import Line, show
from benchmarks.scorecard import measure_scorecard
from benchmarks.translation import command as translation

PARTS = ("import", "large", "small", "scorecard", "explore", "links", "demo", "page")
_TICKETS, _FACTS = (1_000_000, 10_000_000), (1_000_000, 100_000_000)
_FEW_TICKETS, _FEW_FACTS = (2_000, 5_000), (50_000, 100_000)


def main(arguments: Sequence[str] | None = None) -> list[Line]:
    """Measure the parts asked for and print them beside their budgets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--quick", action="store_true", help="small sizes: proves that it runs")
    parser.add_argument("--tickets", type=int, nargs="+", help="rows of each imported file")
    parser.add_argument("--gigabytes", type=float, help="size of the large file")
    parser.add_argument("--facts", type=int, nargs="+", help="facts of each store")
    parser.add_argument("--folder", type=Path, help="where the files are made; needs 10 GB")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    asked.tickets = asked.tickets or (_FEW_TICKETS if asked.quick else _TICKETS)
    asked.gigabytes = asked.gigabytes or (0.001 if asked.quick else 5)
    asked.facts = asked.facts or (_FEW_FACTS if asked.quick else _FACTS)
    lines = []
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-", dir=asked.folder) as folder:
        for line in measured(asked, Path(folder)):
            print(f"{line.what}: {line.measured:,.2f} {line.unit}", flush=True)
            lines.append(line)
    show(lines)
    return lines


def measured(asked: argparse.Namespace, folder: Path) -> Iterator[Line]:
    """Every figure of the parts asked for, one after the other."""
    parts = asked.parts or PARTS
    if "import" in parts:
        yield from measure_imports(folder, sizes=asked.tickets)
    if "large" in parts:
        yield from measure_large(folder, gigabytes=asked.gigabytes)
    yield from _measured_on_facts(parts, folder, sizes=asked.facts)
    if "links" in parts:
        yield from measure_links(folder, links=10 if asked.quick else 50)
    home = folder / "demo" / "home"
    if "demo" in parts:
        yield from measure_demo(home)
    if "page" in parts:
        if not home.exists():
            in_own_process(build, home)
        yield from measure_pages(home, folder)


def _measured_on_facts(
    parts: Sequence[str], folder: Path, *, sizes: Sequence[int]
) -> Iterator[Line]:
    measures = {
        "small": measure_small,
        "scorecard": measure_scorecard,
        "explore": measure_explore,
    }
    for part, measure in measures.items():
        if part in parts:
            yield from measure(folder, sizes=sizes)


if __name__ == "__main__":
    if sys.argv[1:2] == ["translation"]:
        translation.main(sys.argv[2:])
    else:
        main()
