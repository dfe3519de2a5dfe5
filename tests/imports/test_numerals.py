from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from kpi_engine.imports.numerals import written
from kpi_engine.store.numerals import Numerals, read_number


def read(cells: Sequence[str], numerals: Numerals) -> list[float | None]:
    engine = sa.create_engine("duckdb:///:memory:")
    with engine.connect() as connection:
        return [
            connection.execute(
                sa.select(read_number(sa.cast(sa.literal(cell), sa.String), numerals))
            ).scalar()
            for cell in cells
        ]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,5", "0,25", "1,53e4", "-1,53e4"], [1.5, 0.25, 15_300, -15_300]),
        (["1.234,50", "99"], [1234.5, 99]),
        (["1,234.50", "2"], [1234.5, 2]),
        (["1 234,5", "1\N{NARROW NO-BREAK SPACE}000,0"], [1234.5, 1000]),
        (["1'234.5"], [1234.5]),
        (["1,23,456.00"], [123_456]),
        (["1.234.567", "12"], [1_234_567, 12]),
        (["€ 1.234,50", "99,00 €"], [1234.5, 99]),
        (["97 %", "50%", "3"], [0.97, 0.5, 3]),
        (["(1,234.00)", "12.00"], [-1234, 12]),
        (["1,234 MB", "12 MB", "12"], [1234, 12, None]),
        (["−5", "−6.5"], [-5, -6.5]),
        ([".5", "5."], [0.5, 5]),
        (["5 kg", "7 kg", "6 lb"], [5, 7, None]),
        (["€ 5", "$ 6", "€ 7"], [5, None, 7]),
        (["12 apples and pears", "10:30", "nan", "inf", "1e999"], [None] * 5),
    ],
)
def test_numbers_are_read_as_people_write_them(
    cells: list[str], values: list[float | None]
) -> None:
    assert read(cells, written(cells).numerals) == values


def test_what_could_be_thousands_or_decimals_raises_a_doubt() -> None:
    assert written(["1,234", "5,678"]).doubt == (
        "Nothing tells decimals from thousands: 1,234 is read as 1234."
    )
    assert written(["1.234"]).doubt.endswith("1.234 is read as 1.234.")
    assert written(["1.234"], decimal=",").doubt == ""
    assert read(["1.234"], written(["1.234"], decimal=",").numerals) == [1234]


def test_other_cells_settle_it() -> None:
    found = written(["1,234", "0,5"])
    assert found.doubt == ""
    assert read(["1,234"], found.numerals) == [1.234]


def test_hidden_small_counts_are_noticed() -> None:
    assert written(["<=5", "12"]).numerals.hides
    assert not written(["5", "12"]).numerals.hides


def test_what_a_machine_writes_needs_no_word() -> None:
    found = written(["12", "-3.5", "1e3"])
    assert found.numerals.is_plain
    assert (found.evidence, found.doubt) == ("", "")
