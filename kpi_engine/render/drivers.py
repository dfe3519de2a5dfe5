"""The IT measures behind one outcome as a table; a list where there is little room."""

from dataclasses import dataclass

from kpi_engine.render.addresses import outcome_address, rows_address
from kpi_engine.render.blocks import environment, styles
from kpi_engine.render.sparkline import HEIGHT, WIDTH, Sparkline, sparkline
from kpi_engine.services.outcomes import Driver
from kpi_engine.services.per_step import per_step
from kpi_engine.services.whatif import Setting
from kpi_engine.terms import Status
from kpi_engine.units import format_effect_range
from kpi_engine.words.drivers import driver_line
from kpi_engine.words.influence import felt_text, per_step_text
from kpi_engine.words.judgement import EVIDENCE
from kpi_engine.words.outcome import METHOD, trend_alt
from kpi_engine.words.reading import change_text, value_text, word_of_status


@dataclass(frozen=True, kw_only=True)
class DriverRow:
    """One measure: where it stands, what it did to the outcome, how that is known."""

    label: str
    value: str
    rows: str
    status: Status
    word: str
    change: str
    share: str
    step: str
    amount: str
    money: str
    felt: str
    evidence: str
    spark: Sparkline
    alt: str


def drivers_html(setting: Setting, *, currency: str, leads_to_rows: bool = False) -> str:
    """The table with its styles, ready to be put into a page.

    Args:
        setting: The outcome's month with its drivers.
        currency: Of the organisation.
        leads_to_rows: Whether each number leads to the rows behind it.
    """
    outcome = setting.explanation.outcome
    rows = [_row(driver, setting, currency) for driver in setting.explanation.drivers]
    return (
        environment()
        .get_template("drivers.html.j2")
        .render(
            styles=styles("drivers"),
            outcome=outcome.label,
            way=outcome_address(outcome.metric.id, outcome.month, view=METHOD),
            method=METHOD,
            rows=rows,
            leads_to_rows=leads_to_rows,
            has_steps=any(row.step for row in rows),
            has_amounts=any(row.amount or row.money for row in rows),
            width=f"{WIDTH:g}",
            height=f"{HEIGHT:g}",
        )
    )


def _row(driver: Driver, setting: Setting, currency: str) -> DriverRow:
    reading, outcome = driver.reading, setting.explanation.outcome
    step = per_step(setting.catalogue, driver, outcome, setting.found)
    line = driver_line(driver, outcome.metric, currency=currency)
    effect, metric = driver.contribution.effect, outcome.metric
    share = line.share
    if effect is not None:
        share = format_effect_range(
            effect, unit=metric.unit, decimals=metric.decimals, currency=currency
        )
    return DriverRow(
        label=reading.label,
        value=value_text(reading, currency=currency),
        rows=rows_address(reading),
        status=reading.judgement.status,
        word=word_of_status(reading),
        change=change_text(reading, currency=currency),
        share=share,
        step=per_step_text(step, currency=currency) if step else "",
        amount=line.amount,
        money=f"{line.money} {line.money_range}".strip(),
        felt=felt_text(driver.contribution),
        evidence=EVIDENCE[driver.contribution.grade].capitalize(),
        spark=sparkline(reading),
        alt=trend_alt(reading, currency=currency),
    )
