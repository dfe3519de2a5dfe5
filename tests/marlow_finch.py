"""A month of a made-up retailer with one of everything the scorecard can say.

Four outcomes: one broken by an outage, one in a lasting shift, one that fails while all its IT
measures look fine, and one that is provisional and restated.
"""

from datetime import date

from kpi_engine.catalogue.metrics import Measure
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.mapping.watermelon import Disagreement
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.outcomes import Explanation
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.terms import Direction, EvidenceGrade, Fold, Grain, Unit
from tests.factories import LOWER, driver, explanation, metric, reading, scorecard

OUTAGE = DatedEvent(
    day=date(2026, 10, 12),
    sentence="Checkout was down for 118 minutes.",
    short="Checkout down 118 min",
    weight=1238,
)
_MINUTES = Measure(
    fold=Fold.RATIO, numerator="outage.up_minutes", denominator="outage.agreed_minutes"
)


def estimate(low: float, mid: float, high: float, factor: float = 1.0) -> Estimate:
    """A range in handier units: ``estimate(-112, -86, -62, 1000)`` is thousands."""
    return Estimate(low=low * factor, mid=mid * factor, high=high * factor)


def checkout() -> Explanation:
    """Fell out of its usual range after an outage that IT's own target allows for."""
    values = [
        *(96.8, 97.25, 96.87, 97.43, 97.36, 97.16, 97.42, 97.26, 97.33, 97.25, 97.4, 97.3),
        *(97.1, 97.07, 97.22, 97.17, 96.8, 97.45, 96.89, 96.77, 97.2, 97.0, 96.8),
    ]
    shop = metric(
        "it.availability",
        label="Online shop availability",
        decimals=2,
        failure_space=True,
        measure=_MINUTES,
    )
    pages = metric("it.page_load", label="Page load time", unit=Unit.MILLISECONDS, direction=LOWER)
    errors = metric("it.error_rate", label="Payment errors", direction=LOWER, decimals=2)
    return explanation(
        reading(0.962, past=[value / 100 for value in values]),
        driver(
            reading(
                0.99682,
                of=shop,
                target=0.995,
                red_line=0.99,
                previous=0.99862,
                numerator=44_498,
                denominator=44_640,
                segment={},
            ),
            grade=EvidenceGrade.A,
            effect=estimate(-0.47, -0.36, -0.26, 0.01),
            amount=estimate(900, 1238, 1600),
            amount_unit="orders",
            money=estimate(-112, -86, -62, 1000),
            events=(OUTAGE,),
        ),
        driver(
            reading(2900, of=pages, target=2500, red_line=3200, previous=2500),
            grade=EvidenceGrade.C,
            effect=estimate(-0.26, -0.15, -0.04, 0.01),
            amount=estimate(140, 521, 900),
            amount_unit="abandoned orders",
            money=estimate(-62, -36, -10, 1000),
        ),
        driver(
            reading(0.0041, of=errors, target=0.005, red_line=0.01, previous=0.0039),
            grade=EvidenceGrade.A,
            effect=estimate(-0.03, -0.02, -0.01, 0.01),
            amount=estimate(30, 69, 110),
            amount_unit="orders",
            money=estimate(-7.4, -4.8, -2.1, 1000),
        ),
        events=(OUTAGE,),
        watermelon_sentence="99.50 % allows 223 minutes of downtime a month, too much.",
        disagreement=Disagreement.MAIN_DRIVER_ON_TARGET,
    )


def time_to_market() -> Explanation:
    """Worse for nine months, near its target."""
    values = [29, 29, 26, 28, 27, 30, 30, 30, 29, 29, 29, 28, 27, 26, 29, 31, 33, 32, 34, 33]
    outcome = metric(
        "biz.ttm",
        label="Time to market",
        unit=Unit.DAYS,
        direction=LOWER,
        decimals=0,
        sentence="How long it takes from an approved idea to customers using it.",
    )
    releases = metric("it.deploy_freq", label="Releases per week", unit=Unit.PER_WEEK)
    undone = metric("it.cfr", label="Releases that had to be undone", direction=LOWER)
    return explanation(
        reading(
            34, of=outcome, target=30, red_line=36, past=[*values[:16], 33, 34, 33, 34, 33, 34, 33]
        ),
        driver(
            reading(6.1, of=releases, target=7, red_line=5, previous=7.3),
            "biz.ttm",
            grade=EvidenceGrade.C,
            effect=estimate(0.3, 1.1, 1.9),
            money=estimate(-41, -21, -4, 1000),
        ),
        driver(
            reading(0.092, of=undone, target=0.08, red_line=0.12, previous=0.079),
            "biz.ttm",
            grade=EvidenceGrade.D,
            effect=estimate(-0.2, 0.6, 1.3),
            money=estimate(-27, -11, 4, 1000),
        ),
    )


def demos() -> Explanation:
    """Fails for the fourth month although both IT measures are on target."""
    values = [
        *(96.2, 96.0, 96.3, 96.1, 96.4, 96.0, 96.2, 96.3, 95.9, 96.1, 96.2, 95.9, 96.3, 96.1),
        *(96.0, 96.2, 96.1, 96.0, 95.7, 94.8, 94.1, 93.6, 93.1),
    ]
    outcome = metric("biz.demo_ok", label="Sales demos without interruption")
    office = metric("it.office_net", label="Office network availability", decimals=2)
    used = metric("it.bandwidth_p95", label="Network capacity used", direction=Direction.IN_RANGE)
    return explanation(
        reading(
            0.924,
            of=outcome,
            target=0.96,
            red_line=0.94,
            past=[value / 100 for value in values],
            numerator=171,
            denominator=185,
        ),
        driver(
            reading(0.9997, of=office, target=0.999, red_line=0.99, previous=0.9996),
            "biz.demo_ok",
            grade=EvidenceGrade.D,
        ),
        driver(
            reading(0.54, of=used, target=(0.2, 0.7), red_line=(0.1, 0.85), previous=0.53),
            "biz.demo_ok",
            reason="Nobody has estimated this link yet.",
        ),
        watermelon_sentence="Both linked IT measures look fine while demos keep failing.",
    )


def shipped() -> Explanation:
    """On target, provisional and restated; usual variation."""
    values = [95.3, 95.1, 94.8, 95.6, 95.5, 94.9, 95.4, 95.0, 94.7, 95.3, 95.1, 95.6, 94.9]
    outcome = metric("biz.shipped", label="Orders shipped on time", goal="Be easy to buy from")
    jobs = metric("it.jobs", label="Overnight jobs finished on time")
    return explanation(
        reading(
            0.958,
            of=outcome,
            target=0.95,
            red_line=0.93,
            past=[value / 100 for value in values],
            is_complete=False,
            restated_from=0.961,
        ),
        driver(
            reading(0.989, of=jobs, target=0.98, red_line=0.95, previous=0.982, is_complete=False),
            "biz.shipped",
            grade=EvidenceGrade.C,
            effect=estimate(0.02, 0.12, 0.22, 0.01),
            amount=estimate(70, 380, 700),
            amount_unit="more parcels on time",
            money=estimate(200, 3000, 6000),
        ),
    )


def satisfaction() -> Explanation:
    """Asked once a quarter, with a target nobody has agreed; no link yet."""
    outcome = metric(
        "biz.tool_sat",
        label="Staff satisfaction with tools",
        unit=Unit.POINTS,
        decimals=0,
        cadence=Grain.QUARTER,
        goal="Make work easier",
    )
    past: list[float | None] = []
    for value in (64, 63, 66, 68, 69, 69, 72):
        past += [value, None, None]
    return explanation(
        reading(
            73,
            of=outcome,
            target=72,
            red_line=65,
            past=past[2:],
            previous=72,
            year_ago=69,
            is_placeholder=True,
            data_through=date(2026, 9, 14),
            months_ago=1,
        )
    )


def unmeasured() -> Explanation:
    """No data at all."""
    outcome = metric("biz.churn", label="Customers who left", goal="Make work easier")
    return explanation(reading(None, of=outcome))


def october() -> Scorecard:
    """All of them, in the order of the organisation."""
    rows = (checkout(), time_to_market(), demos(), shipped(), satisfaction(), unmeasured())
    return scorecard(*rows, on_target_before=3)
