from kpi_engine.imports.plan import choose_pattern

EITHER = ("%d/%m/%Y", "%m/%d/%Y")


def test_dates_that_could_be_read_either_way_raise_a_doubt() -> None:
    chosen, evidence, doubt = choose_pattern(EITHER, ["03/10/2026", "04/10/2026"], [])
    assert chosen == ("%d/%m/%Y",)
    assert evidence == "03/10/2026 is read day first."
    assert doubt == "Day and month could be swapped: 03/10/2026 is read as 3 October."


def test_one_date_that_can_only_be_read_one_way_settles_it() -> None:
    _, evidence, doubt = choose_pattern(EITHER, ["03/10/2026", "31/10/2026"], [])
    assert evidence == "03/10/2026 is read day first; 1 of the first 2 can only be read so."
    assert doubt == ""
