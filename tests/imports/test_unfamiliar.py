"""Values that can be saved and are worth a look all the same."""

from kpi_engine.services.import_results import Preview
from kpi_engine.terms import Severity
from tests.desk import Desk, fates

TIDY = "period,metric,segment,value\n"
TICKETS = "number,opened_at,priority,business_service\n"


def warned(preview: Preview) -> list[tuple[str, str | None, int | None, str, str]]:
    """Place, value, line, sentence and next step of every warning about values."""
    return [
        (one.place, one.value, one.line, one.sentence, one.next_step)
        for one in preview.findings
        if one.severity is Severity.WARNING and one.place != "whole file"
    ]


def test_a_count_with_a_fraction_is_saved_and_named_with_its_line(desk: Desk) -> None:
    preview = desk.preview(
        TIDY + "2026-08,biz.orders,all,120\n2026-09,biz.orders,all,0.974\n"
        "2026-10,biz.orders,all,0.981\n2026-10,biz.revenue,all,99.5\n"
    )
    assert fates(preview) == {"new": 4}
    assert warned(preview) == [
        (
            "Orders",
            "0.974",
            3,
            "Orders counts whole things, and 2 rows have a fraction.",
            "Give the number itself; a share of something belongs to another measure.",
        )
    ]


def test_a_name_a_measure_never_had_is_named_with_the_nearest_it_had(desk: Desk) -> None:
    first = TIDY + "2026-09,it.critical_incidents,service=Online shop,4\n"
    assert warned(desk.preview(first)) == [], "the first names of all are no news"
    desk.save(first)
    again = "2026-10,it.critical_incidents,service=Online shop,5\n"
    preview = desk.preview(
        TIDY + again + "2026-10,it.critical_incidents,service=online shp,5\n"
        "2026-10,it.critical_incidents,service=Mail,5\n"
        "2026-10,it.critical_incidents,team=Desk,5\n",
        "b.csv",
    )
    assert fates(preview) == {"new": 4}
    place = "Problems that stop important work, service"
    assert warned(preview) == [
        (
            place,
            "Mail",
            None,
            "Mail was never seen in problems that stop important work before.",
            "Check how it is written; it is saved as it stands.",
        ),
        (
            place,
            "online shp",
            None,
            "online shp was never seen in problems that stop important work before.",
            "If Online shop is meant, write it so; it is saved as it stands.",
        ),
    ]


def test_a_service_or_level_that_events_never_had_is_named(desk: Desk) -> None:
    desk.save(
        TICKETS + "INC1,2026-09-01 08:00,1 - Critical,Online shop\n"
        "INC2,2026-09-02 08:00,3 - Moderate,Mail\n"
    )
    preview = desk.preview(
        TICKETS + "INC3,2026-10-01 08:00,3 - Moderate,Online shopp\n"
        "INC4,2026-10-02 08:00,9 - Unheard of,Mail\n",
        "b.csv",
    )
    assert fates(preview) == {"new": 2}
    assert warned(preview) == [
        (
            "business_service",
            "Online shopp",
            None,
            "Online shopp was never seen here before.",
            "If Online shop is meant, write it so; it is saved as it stands.",
        ),
        (
            "priority",
            "9",
            None,
            "9 was never seen here before.",
            "Check how it is written; it is saved as it stands.",
        ),
    ]


def test_names_that_were_taken_back_are_not_known(desk: Desk) -> None:
    desk.save(TICKETS + "INC1,2026-09-01 08:00,1,Online shop\n")
    desk.save(TICKETS + "INC2,2026-09-01 08:00,1,Online shopp\n", "b.csv")
    desk.undo(2)
    preview = desk.preview(TICKETS + "INC3,2026-09-01 08:00,1,Online shopp\n", "c.csv")
    assert [value for _, value, *_ in warned(preview)] == ["Online shopp"]


def test_many_new_names_are_one_warning(desk: Desk) -> None:
    desk.save(TICKETS + "INC1,2026-09-01 08:00,1,Online shop\n")
    rows = "".join(f"INC{n},2026-10-01 08:00,1,Service {n}\n" for n in range(2, 9))
    (found,) = warned(desk.preview(TICKETS + rows, "b.csv"))
    assert found[3] == (
        "7 names were never seen here before, such as Service 2, Service 3, Service 4, Service 5, "
        "Service 6."
    )


def test_rows_that_contradict_each_other_are_named(desk: Desk) -> None:
    preview = desk.preview(
        TIDY + "2026-09,biz.orders,all,120\n2026-09,biz.orders,all,130\n"
        "2026-09-01,biz.revenue,all,7\n2026-09-01,biz.revenue,all,8\n2026-09-01,biz.revenue,all,8\n"
    )
    assert fates(preview) == {"new": 2, "duplicate": 3}
    assert [(place, sentence) for place, _, _, sentence, _ in warned(preview)] == [
        (
            "2 numbers for Orders, September 2026, and 1 more like this",
            "These rows contradict each other about the same measure, part and period; the last "
            "row counts.",
        )
    ]


def test_a_row_that_says_the_same_again_contradicts_nothing(desk: Desk) -> None:
    preview = desk.preview(
        TIDY + "2026-09,biz.orders,all,120\n2026-09,biz.orders,all,120\n"
        "2026-09,biz.orders,service=Shop,7\n2026-10,biz.orders,service=Shop,8\n"
    )
    assert warned(preview) == []


def test_quarters_of_a_measure_that_is_shown_by_the_month_are_named(desk: Desk) -> None:
    preview = desk.preview(
        TIDY
        + "2026-Q3,biz.orders,all,120\n2026-Q3,biz.revenue,all,9\n2026-Q3,biz.tool_sat,all,0.7\n"
    )
    said = "A quarter says nothing about its months, and the scorecard shows months."
    assert [(place, sentence) for place, _, _, sentence, _ in warned(preview)] == [
        ("Orders", said),
        ("Net revenue", said),
    ]
