"""Mistakes in what holds from a month on: a red line on the wrong side, a day that is none."""

from pathlib import Path

import pytest

from tests.unit.definitions import DRIVER, OUTCOME, TARGET, errors_of


def test_a_red_line_on_the_good_side_is_told_the_whole_rule(tmp_path: Path) -> None:
    assert errors_of(tmp_path, targets=TARGET.replace("28", "18")) == [
        (
            "targets.yaml, it.lead_time, red_line",
            "18 is on the good side of target 24. Lower is better here, so the red line must be "
            "above 24.",
        )
    ]


@pytest.mark.parametrize(
    ("new", "place", "sentence"),
    [
        pytest.param(
            "{metric: it.lead_tiem, valid_from: 2026-01-01, target: 24, red_line: 28}",
            "it.lead_tiem, metric",
            "There is no metric called 'it.lead_tiem'. Did you mean 'it.lead_time'?",
            id="an unknown metric",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, target: 24, red_line: 24}",
            "it.lead_time, red_line",
            "24 is the same as target 24. Lower is better here, so the red line must be above 24.",
            id="red line on the target",
        ),
        pytest.param(
            "{metric: biz.revenue, valid_from: 2026-01-01, target: 100, red_line: 120}",
            "biz.revenue, red_line",
            "120 is on the good side of target 100. Higher is better here, so the red line must be "
            "below 100.",
            id="red line above where higher is better",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, target: [1, 2], red_line: 28}",
            "it.lead_time, target",
            "(1.0, 2.0) found. One number is needed: the direction of it.lead_time is lower.",
            id="a range where there is a direction",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, target: a day, red_line: 28}",
            "it.lead_time, target",
            "'a day' found: a number is expected, or two in square brackets for a range.",
            id="words for a number",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: January, target: 24, red_line: 28}",
            "it.lead_time, valid_from",
            "'January' found: a date such as 2026-01-01 is expected.",
            id="words for a date",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-13-45, target: 24, red_line: 28}",
            "it.lead_time, valid_from",
            "'2026-13-45' found: a date such as 2026-01-01 is expected.",
            id="a day that is not in the calendar",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-15, target: 24, red_line: 28}",
            "it.lead_time, valid_from",
            "Targets start with a month, so on its first day.",
            id="the middle of a month",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, segment: {team: A}, target: 24, "
            "red_line: 28}",
            "it.lead_time, segment",
            "it.lead_time cannot be sliced by 'team'.",
            id="a segment the metric does not have",
        ),
    ],
)
def test_a_mistake_in_a_target_is_named(
    tmp_path: Path, new: str, place: str, sentence: str
) -> None:
    text = f"targets:\n  - {new[:-1]}, provenance: agreed}}\n"
    assert errors_of(tmp_path, targets=text) == [(f"targets.yaml, {place}", sentence)]


YEAR = (
    "metric: biz.revenue, valid_from: 2026-01-01, target: 1200, red_line: 900, provenance: budget, "
    "period: year, phasing: evenly"
)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        pytest.param(
            YEAR.replace("biz.revenue", "it.lead_time").replace("900", "1500"),
            "it.lead_time, period",
            "it.lead_time folds by median. Only a sum can be spread over months: give the target "
            "that every month has.",
            id="of what does not add up",
        ),
        pytest.param(
            YEAR.replace("2026-01-01", "2026-02-01"),
            "biz.revenue, valid_from",
            "A target of a year starts with it, here on 2026-01-01.",
            id="not at the start of a year",
        ),
        pytest.param(
            YEAR.replace("year", "quarter").replace("2026-01", "2026-05"),
            "biz.revenue, valid_from",
            "A target of a quarter starts with it, here on 2026-04-01.",
            id="not at the start of a quarter",
        ),
        pytest.param(
            YEAR.replace("evenly", "by_shares, shares: [1, 2, 3]"),
            "biz.revenue, shares",
            "3 shares found. This year is spread over 12.",
            id="too few shares",
        ),
        pytest.param(
            YEAR.replace("evenly", "by_shares"),
            "biz.revenue",
            "shares are given for phasing by_shares, and only for it.",
            id="no shares",
        ),
        pytest.param(
            YEAR.replace("evenly", "by_shares, shares: [0, 0]"),
            "biz.revenue",
            "shares of nothing but 0 spread nothing: one has to be above 0.",
            id="shares of nothing",
        ),
        pytest.param(
            YEAR.replace(", phasing: evenly", ""),
            "biz.revenue",
            "phasing (evenly, by_days or by_shares) says how a target of a quarter or a year is "
            "spread over its months: those need it, and only those.",
            id="no phasing",
        ),
        pytest.param(
            YEAR.replace("period: year, ", ""),
            "biz.revenue",
            "phasing (evenly, by_days or by_shares) says how a target of a quarter or a year is "
            "spread over its months: those need it, and only those.",
            id="phasing of a month",
        ),
        pytest.param(
            YEAR.replace("evenly", "evnly"),
            "biz.revenue, phasing",
            "'evnly' is not one of evenly, by_days, by_shares. Did you mean 'evenly'?",
            id="a phasing that is none",
        ),
        pytest.param(
            YEAR.replace("period: year", "period: week"),
            "biz.revenue, period",
            "'week' is not one of month, quarter, year.",
            id="a period that is none",
        ),
        pytest.param(
            YEAR + "}\n  - {metric: biz.revenue, valid_from: 2026-07-01, target: 99, red_line: 90, "
            "provenance: later",
            "biz.revenue, valid_from",
            "It lies within the year from 2026-01-01, whose target is spread over its months "
            "already. Give one or the other.",
            id="a month within a year",
        ),
        pytest.param(
            YEAR.replace("provenance", "stretch: 1200, provenance"),
            "biz.revenue, stretch",
            "1200 is not better than target 1200. Higher is better here, so the stretch target "
            "must be above 1200.",
            id="a stretch target that is no better",
        ),
        pytest.param(
            "metric: it.lead_time, valid_from: 2026-01-01, target: 24, red_line: 28, stretch: 26, "
            "provenance: agreed",
            "it.lead_time, stretch",
            "26 is not better than target 24. Lower is better here, so the stretch target must be "
            "below 24.",
            id="a stretch target on the bad side",
        ),
    ],
)
def test_a_mistake_in_how_a_target_is_spread_or_stretched_is_named(
    tmp_path: Path, text: str, place: str, sentence: str
) -> None:
    found = errors_of(tmp_path, targets=f"targets:\n  - {{{text}}}\n")
    assert found == [(f"targets.yaml, {place}", sentence)]


def test_years_and_quarters_that_follow_each_other_are_right(tmp_path: Path) -> None:
    next_year = YEAR.replace("2026", "2027").replace("year", "quarter")
    text = f"targets:\n  - {{{YEAR}}}\n  - {{{next_year}}}\n"
    assert errors_of(tmp_path, targets=text) == []


@pytest.mark.parametrize(
    ("new", "place", "sentence"),
    [
        pytest.param(
            "{metric: it.lead_tiem, valid_from: 2026-01-01, because: A new pipeline.",
            "it.lead_tiem, metric",
            "There is no metric called 'it.lead_tiem'. Did you mean 'it.lead_time'?",
            id="an unknown metric",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-15, because: A new pipeline.",
            "it.lead_time, valid_from",
            "Baselines start with a month, so on its first day.",
            id="the middle of a month",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01, because: A new pipeline., "
            "segment: {team: A}",
            "it.lead_time, segment",
            "it.lead_time cannot be sliced by 'team'.",
            id="a segment the metric does not have",
        ),
        pytest.param(
            "{metric: it.lead_time, valid_from: 2026-01-01",
            "it.lead_time, because",
            "Missing.",
            id="no reason",
        ),
    ],
)
def test_a_mistake_in_a_new_baseline_is_named(
    tmp_path: Path, new: str, place: str, sentence: str
) -> None:
    text = f"baselines:\n  - {new}, agreed_by: {{business: Ann, it: Bob}}}}\n"
    ((found_place, found),) = errors_of(tmp_path, baselines=text)
    assert found_place == f"baselines.yaml, {place}"
    assert found.startswith(sentence)


def test_a_new_baseline_needs_two_signatures(tmp_path: Path) -> None:
    text = (
        "baselines:\n  - {metric: it.lead_time, valid_from: 2026-01-01, because: A new pipeline.}\n"
    )
    ((place, _),) = errors_of(tmp_path, baselines=text)
    assert place == "baselines.yaml, it.lead_time, agreed_by"


@pytest.mark.parametrize(
    ("target", "red_line", "field", "sentence"),
    [
        pytest.param(
            "[0.2, 0.7]",
            "[0.3, 0.9]",
            "red_line",
            "0.3 and 0.9 do not lie outside the target 0.2 to 0.7. The red lines of a range must "
            "be below 0.2 and above 0.7.",
            id="a red line inside the range",
        ),
        pytest.param(
            "[0.7, 0.2]",
            "[0.1, 0.9]",
            "target",
            "0.7 to 0.2 is no range. The first number must be the smaller one.",
            id="a range the wrong way round",
        ),
        pytest.param(
            "0.5",
            "[0.1, 0.9]",
            "target",
            "0.5 found. Two numbers are needed for a range: the direction of it.lead_time is "
            "range.",
            id="one number for a range",
        ),
        pytest.param(
            "[20, 70]",
            "[10, 90]",
            "target",
            "(20.0, 70.0) found. Percentages are written as fractions: 0.95 for 95 %.",
            id="percent for fractions",
        ),
    ],
)
def test_a_range_needs_two_numbers_within_its_red_lines(
    tmp_path: Path, target: str, red_line: str, field: str, sentence: str
) -> None:
    parts = "fold: ratio, numerator: ticket.closed, denominator: ticket.created"
    share = DRIVER.replace("direction: lower", "direction: range").replace("hours", "percent")
    share = share.replace("fold: median, value: ticket.minutes", parts)
    text = TARGET.replace("target: 24", f"target: {target}").replace("28", red_line)
    found = errors_of(tmp_path, metrics=OUTCOME + share, targets=text)
    assert (f"targets.yaml, it.lead_time, {field}", sentence) in found


def test_an_activity_can_carry_no_target_and_moves_no_outcome(tmp_path: Path) -> None:
    activity = DRIVER.replace("direction: lower", "direction: none\n    activity: true")
    assert errors_of(tmp_path, metrics=OUTCOME + activity) == [
        (
            "links.yaml, lead_time_to_revenue, sign",
            "it.lead_time counts activity. An activity moves no outcome by itself: sign 0, grade "
            "contradicted.",
        ),
        (
            "targets.yaml, it.lead_time",
            "it.lead_time counts activity and serves no outcome, so it can carry no status and no "
            "target. Set a target for the outcome that the work is for.",
        ),
    ]
