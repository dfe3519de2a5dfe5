import pytest

from kpi_engine.imports.reasons import rejected_cell


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        pytest.param("2,9", "Write 2.9 with a point.", id="decimal comma"),
        pytest.param("97,4 %", "Write 0.974 for 97,4 %.", id="percent with a comma"),
        pytest.param("50%", "Write 0.5 for 50%.", id="percent"),
        pytest.param("1.234,5", "Correct it in the source.", id="thousands as well"),
        pytest.param("n/a", "Correct it in the source.", id="no number"),
    ],
)
def test_a_number_written_for_people_is_told_how_to_be_written_here(
    value: str, remedy: str
) -> None:
    found = rejected_cell("unreadable", column="Score", of="number", line=2, value=value)
    assert found.next_step == remedy


def test_only_numbers_get_the_remedy_of_numbers() -> None:
    found = rejected_cell("unreadable", column="Closed", of="day", line=2, value="2,9")
    assert found.next_step == "Correct it in the source."
