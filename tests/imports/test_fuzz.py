"""Random tables in random dialects: the same facts come back, or what is ambiguous is named.

``FUZZ_EXAMPLES=2000`` makes a night of it; 200 are tried with every run. What is read is folded
into measures at night only: that takes half of the time, and is not what can differ here.
"""

import csv
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from kpi_engine.services import comparing
from kpi_engine.services.preparing import prepare
from kpi_engine.store import tables
from kpi_engine.store.staging import close_staging
from kpi_engine.terms import RowFate
from kpi_engine.workspace import Workspace
from tests.desk import NOW

METRICS = ("biz.orders", "biz.revenue", "base.sessions", "base.carts")
EVERY_RUN = 200
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", EVERY_RUN))
AMBIGUOUS = ("could be swapped", "Nothing tells decimals from thousands")
MONTHS = [date(2026, month, 1) for month in range(1, 11)]

Facts = dict[tuple[str, date], float]


@dataclass(frozen=True)
class Style:
    """How a table is written."""

    layout: str
    delimiter: str
    quoting: int
    encoding: str
    line_end: str
    decimal: str
    group: str
    digits: int
    period: str
    preamble: str
    ends: bool


def number_text(value: float, style: Style) -> str:
    text = f"{value:,.{style.digits}f}"
    whole, _, rest = text.partition(".")
    return whole.replace(",", style.group) + (style.decimal + rest if rest else "")


styles = st.builds(
    Style,
    layout=st.sampled_from(["tidy", "wide", "months"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    decimal=st.sampled_from([".", ","]),
    group=st.sampled_from(["", ".", ",", " ", "'"]),
    digits=st.integers(0, 3),
    period=st.sampled_from(["%Y-%m", "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%b %Y"]),
    preamble=st.sampled_from(["", "# A report\n", "Figures of the year\n\n"]),
    ends=st.booleans(),
).filter(lambda style: style.group != style.decimal)

facts = st.dictionaries(
    st.tuples(st.sampled_from(METRICS), st.sampled_from(MONTHS)),
    st.integers(0, 9_999_999_999),
    min_size=3,
    max_size=20,
)


def written(found: Facts, style: Style) -> bytes:
    out = io.StringIO()
    out.write(style.preamble.replace("\n", style.line_end))
    writer = csv.writer(
        out, delimiter=style.delimiter, quoting=style.quoting, lineterminator=style.line_end
    )
    months = sorted({month for _, month in found})
    metrics = sorted({metric for metric, _ in found})

    def cell(metric: str, month: date) -> str:
        return number_text(found[metric, month], style) if (metric, month) in found else ""

    if style.layout == "tidy":
        writer.writerow(["period", "metric", "value"])
        for metric, month in found:
            writer.writerow([month.strftime(style.period), metric, cell(metric, month)])
    elif style.layout == "wide":
        writer.writerow(["date", *metrics])
        for month in months:
            writer.writerow(
                [month.strftime(style.period), *(cell(metric, month) for metric in metrics)]
            )
    else:
        writer.writerow(["metric", *(month.strftime("%b %Y") for month in months)])
        for metric in metrics:
            writer.writerow([metric, *(cell(metric, month) for month in months)])
    text = out.getvalue()
    return (text if style.ends else text.removesuffix(style.line_end)).encode(style.encoding)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    home = tmp_path_factory.mktemp("fuzz")
    found = Workspace.open(home)
    with pytest.MonkeyPatch.context() as patch:
        if EXAMPLES <= EVERY_RUN:
            patch.setattr(comparing, "fold_again", lambda *_: None)
        yield found
    found.close()
    shutil.rmtree(home, ignore_errors=True)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=facts, style=styles)
def test_facts_come_back_or_what_is_ambiguous_is_named(
    ws: Workspace, tmp_path: Path, values: dict[tuple[str, date], int], style: Style
) -> None:
    found = {key: round(value / 10**style.digits, style.digits) for key, value in values.items()}
    if style.layout == "months" and len({month for _, month in found}) < 2:
        return
    content = written(found, style)
    note(content.decode(style.encoding))
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    prepared = prepare(ws, path, recipe=None, now=NOW)
    try:
        fact = prepared.staging.like(tables.fact)
        with ws.reading(prepared.staging) as connection:
            rows = connection.execute(sa.select(fact.c.part, fact.c.day, fact.c.numerator)).all()
        doubts = [doubt for _, doubt in prepared.plan.doubts]
        note(f"{prepared.sniffed.decisions} {prepared.plan.decisions} {doubts}")
        assert sum(prepared.fates.values()) == prepared.rows + len(prepared.refused)
        if not any(words in doubt for words in AMBIGUOUS for doubt in doubts):
            assert {(row.part, row.day): row.numerator for row in rows} == pytest.approx(found)
            assert prepared.fates[RowFate.REJECTED] == 0
    finally:
        close_staging(ws.engine, prepared.staging)
