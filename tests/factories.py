"""Results built by hand for tests of words, charts, pages and the ledger.

Everything has a default, so that a test names only what it is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from kpi_engine.catalogue.entry import Owners
from kpi_engine.catalogue.links import Assumption, Link
from kpi_engine.catalogue.metrics import Measure, Metric
from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.catalogue.targets import Baseline
from kpi_engine.findings import Finding
from kpi_engine.imports.overrides import AS_READ
from kpi_engine.mapping.contribution import Contribution, DatedEvent, IdentityPart
from kpi_engine.mapping.coverage import Coverage
from kpi_engine.mapping.influence.checks import Checks
from kpi_engine.mapping.influence.grading import Finding as Seen
from kpi_engine.mapping.influence.grading import verdict
from kpi_engine.mapping.influence.link_estimate import Influence, LinkEstimate, OutcomeEstimate
from kpi_engine.mapping.influence.prior import Combined
from kpi_engine.mapping.money import Valuation
from kpi_engine.mapping.watermelon import Disagreement, Watermelon, ranked
from kpi_engine.maths.intervals import Estimate, sum_of_estimates
from kpi_engine.maths.status import Bound, judge
from kpi_engine.maths.trajectory import trajectory
from kpi_engine.maths.variation import assurance, control_chart, variation_verdict
from kpi_engine.periods import add_months, last_day
from kpi_engine.services.health import Health, MetricMonths, SourceFreshness
from kpi_engine.services.import_results import Impact, Preview
from kpi_engine.services.landing import Landing
from kpi_engine.services.map import LinkMap, MapGoal, MapLink, MapOutcome
from kpi_engine.services.outcomes import Driver, Explanation
from kpi_engine.services.per_step import PerStep
from kpi_engine.services.readings import Freshness, HistoryPoint, Reading
from kpi_engine.services.scorecard import Scorecard, settled_rows
from kpi_engine.terms import (
    Assurance,
    Direction,
    EvidenceGrade,
    Fold,
    Grain,
    LinkKind,
    RowFate,
    Severity,
    Side,
    Status,
    Trajectory,
    Unit,
)

OCTOBER = date(2026, 10, 1)
OWNERS = Owners(business="M. Okafor", it="D. Lindqvist")
HIGHER, LOWER = Direction.HIGHER_IS_BETTER, Direction.LOWER_IS_BETTER


def metric(metric_id: str = "biz.tx_success", **fields: object) -> Metric:
    """A percentage of which more is better, unless told otherwise."""
    side = {"it": Side.IT, "biz": Side.BUSINESS, "base": Side.BASE}[metric_id.split(".")[0]]
    defaults: dict[str, object] = {
        "id": metric_id,
        "label": "Checkout success",
        "side": side,
        "unit": Unit.PERCENT,
        "direction": HIGHER,
        "measure": Measure(
            fold=Fold.RATIO, numerator="attempt.completed", denominator="attempt.attempted"
        ),
        "sentence": "Of every 100 checkouts started, how many end in a paid order.",
        "not_measured": "Visitors who never start a checkout.",
        "owners": OWNERS,
        "sources": ("Order system",),
        "goal": "Grow online revenue" if side is Side.BUSINESS else None,
    }
    return Metric.model_validate(defaults | fields)


def reading(
    value: float | None = 0.962,
    *,
    of: Metric | None = None,
    target: Bound | None = 0.975,
    red_line: Bound | None = 0.965,
    previous: float | None = None,
    year_ago: float | None = None,
    past: Sequence[float | None] = (),
    month: date = OCTOBER,
    segment: Mapping[str, str] | None = None,
    numerator: float | None = None,
    denominator: float | None = None,
    is_complete: bool = True,
    is_placeholder: bool = False,
    restated_from: float | None = None,
    previous_restated_from: float | None = None,
    was_published: bool = True,
    previous_was_published: bool = True,
    data_through: date | None = None,
    months_ago: int = 0,
    baseline_ago: int | None = None,
) -> Reading:
    """One metric's month, judged by the real rules.

    Args:
        past: Values of the months before ``month``, oldest first; ``previous`` and
            ``year_ago`` come from it unless given.
        months_ago: How long before ``month`` the value was taken; later months have none.
        baseline_ago: How long before ``month`` a new baseline began; None without any.
    """
    of = of or metric()
    values = [*past, value][-24:]
    baselines = () if baseline_ago is None else (baseline_ago,)
    chart = control_chart(values, new_baselines=[len(values) - 1 - ago for ago in baselines])
    low_target = target[0] if isinstance(target, tuple) else target
    before = previous if previous is not None or not past else past[-1]
    judgement = judge(
        value,
        target=target,
        red_line=red_line,
        direction=of.direction,
        failure_space=of.failure_space,
        numerator=numerator,
        denominator=denominator,
        is_placeholder=is_placeholder,
    )
    verdict = variation_verdict(chart, direction=of.direction)
    expected = assurance(chart[-1].range_, target, direction=of.direction)
    return Reading(
        metric=of,
        segment=segment or {},
        month=month,
        value=value,
        numerator=numerator,
        denominator=denominator,
        judgement=judgement,
        verdict=verdict,
        usual_range=chart[-1].range_,
        assurance=expected if verdict.is_steady else Assurance.NOT_JUDGED,
        previous=before,
        year_ago=year_ago if year_ago is not None or len(past) < 12 else past[-12],
        year_to_date=None,
        history=tuple(
            HistoryPoint(
                month=add_months(month, place - len(values) + 1 - months_ago),
                value=one,
                target=low_target,
                causes=chart[place].causes if place < len(chart) else (),
                usual=chart[place].range_ if place < len(chart) else None,
            )
            for place, one in enumerate([*values, *[None] * months_ago])
        ),
        freshness=Freshness(
            data_through=data_through or (last_day(month) if value is not None else None),
            received_at=datetime(2026, 11, 3, 7, 10, tzinfo=UTC),
            days_covered=31 if is_complete else 24,
            days_due=31,
            is_complete=is_complete,
        ),
        restated_from=restated_from,
        baselines=tuple(
            Baseline(
                metric=of.id,
                valid_from=add_months(month, -ago),
                because="A new checkout.",
                agreed_by=OWNERS,
            )
            for ago in baselines
        ),
        previous_restated_from=previous_restated_from,
        was_published=was_published,
        previous_was_published=previous_was_published,
    )


def link(
    driver: str = "it.availability", outcome: str = "biz.tx_success", **fields: object
) -> Link:
    """An influence link nobody has tested, unless told otherwise."""
    defaults: dict[str, object] = {
        "id": f"{driver.split('.')[1]}_to_{outcome.split('.')[1]}",
        "driver": driver,
        "outcome": outcome,
        "kind": LinkKind.INFLUENCE,
        "mechanism": "Without the service nobody completes a checkout.",
        "sign": 1,
        "lag_days": (0, 0),
        "grade": EvidenceGrade.E,
        "reachable_grade": EvidenceGrade.C,
        "grade_reason": "Declared by both owners.",
        "review_by": date(2027, 4, 1),
    }
    chosen = defaults | fields
    if chosen["kind"] is LinkKind.IMPACT and "counting" not in chosen:
        chosen["counting"] = {"kind": "lost_orders", "recovered_share": "recovered_share"}
    return Link.model_validate(chosen)


def assumption(name: str, label: str, unit: str, low: float, high: float) -> Assumption:
    """A number somebody answers for, most likely in the middle."""
    return Assumption(
        id=name,
        label=label,
        sentence=f"{label}.",
        unit=unit,
        low=low,
        mid=(low + high) / 2,
        high=high,
        owner="E. Ferrante",
        source="Last year's accounts",
        expires=date(2027, 12, 31),
    )


def contribution(
    of: Link | None = None,
    *,
    effect: Estimate | None = None,
    amount: Estimate | None = None,
    amount_unit: str = "",
    money: Estimate | None = None,
    events: tuple[DatedEvent, ...] = (),
    reason: str = "",
    is_capped: bool = False,
    same_as: str = "",
    found: Influence | None = None,
) -> Contribution:
    """A link without a number, unless one is given; its grade is what own data ``found``."""
    return Contribution(
        link=of or link(),
        effect=effect,
        counted=effect,
        is_capped=is_capped,
        amount=amount,
        amount_unit=amount_unit,
        money=money,
        assumptions=(),
        events=events,
        reason=reason,
        grade=found.verdict.grade if found else (of or link()).grade,
        grade_reason=(of or link()).grade_reason,
        influence=found,
        same_as=same_as,
    )


def influence(
    of: Link | None = None,
    seen: Seen = Seen.STRONG,
    *,
    per_step: Estimate | None = None,
    lag: int = 0,
    grain: Grain = Grain.DAY,
    prior: Combined | None = None,
    is_overdue: bool = False,
    is_pending: bool = False,
) -> Influence:
    """What own data say of a link, seen after ``lag`` periods; its effect is 1 on its scale."""
    of = of or link()
    day = OCTOBER
    effect = LinkEstimate(
        link=of.id,
        is_asked=True,
        finding=seen,
        effect=1.0,
        likely=(0.8, 1.2),
        wide=(0.7, 1.3),
        p=0.001,
        p_without_one=0.002,
        leans_on=day,
        lag=lag,
        decay=0.0,
        shapes=(),
        felt={},
        seen=(0.9, 1.0),
        usual=0.95,
        checks=Checks(lead_p=0.5, curve_p=0.5, inflation=1.0, twin=None),
        twin="",
        placebos={},
    )
    model = OutcomeEstimate(
        outcome=of.outcome,
        grain=grain,
        scale="plain",
        times=1.0,
        first=add_months(day, -24),
        last=last_day(day),
        periods=730,
        free=600,
        rho=0.2,
        spread=1.0,
        set_aside=(),
        course={},
        links=(effect,),
        controls=(),
    )
    return Influence(
        verdict=verdict(
            seen, declared=of.grade, reachable=of.reachable_grade, is_overdue=is_overdue
        ),
        model=None if is_pending else model,
        estimate=None if is_pending else effect,
        per_step=per_step,
        prior=prior,
        is_pending=is_pending,
    )


def driver(
    of: Reading,
    outcome: str = "biz.tx_success",
    *,
    grade: EvidenceGrade = EvidenceGrade.E,
    effect: Estimate | None = None,
    amount: Estimate | None = None,
    amount_unit: str = "",
    money: Estimate | None = None,
    reason: str = "",
    events: tuple[DatedEvent, ...] = (),
    same_as: str = "",
) -> Driver:
    """A linked IT reading; counted (grade A or B) links are impact links."""
    counted = grade in (EvidenceGrade.A, EvidenceGrade.B)
    kind = LinkKind.IMPACT if counted else LinkKind.INFLUENCE
    return Driver(
        reading=of,
        contribution=contribution(
            link(of.metric.id, outcome, kind=kind, grade=grade),
            effect=effect,
            amount=amount,
            amount_unit=amount_unit,
            money=money,
            reason=reason,
            events=events,
            same_as=same_as,
        ),
    )


def explanation(
    outcome: Reading | None = None,
    *drivers: Driver,
    identity: tuple[IdentityPart, ...] = (),
    events: tuple[DatedEvent, ...] = (),
    watermelon_sentence: str = "",
    disagreement: Disagreement | None = None,
    missing: int = 0,
    valuations: tuple[Valuation, ...] = (),
    usual: float = 0.0,
    year: Landing | None = None,
) -> Explanation:
    """An outcome's month whose remainder is what its drivers leave over.

    With a ``watermelon_sentence`` all drivers are on target, unless ``disagreement`` says so.
    """
    outcome = outcome or reading()
    effects = [d.contribution.effect.mid for d in drivers if d.contribution.effect]
    movement = outcome.change
    kind = disagreement or (Disagreement.ALL_DRIVERS_ON_TARGET if watermelon_sentence else None)
    return Explanation(
        outcome=outcome,
        as_of=7,
        movement=movement,
        identity=identity,
        drivers=drivers,
        usual=usual,
        remainder=None if movement is None else movement - usual - sum(effects),
        events=events,
        assumptions=(),
        is_watermelon=kind is Disagreement.ALL_DRIVERS_ON_TARGET,
        watermelon_sentence=watermelon_sentence,
        disagreement=Watermelon(
            metric=outcome.metric.id,
            disagreement=kind,
            rank=0.5,
            sentence=watermelon_sentence,
            missing=missing,
        )
        if kind
        else None,
        money=sum_of_estimates(
            d.contribution.money for d in drivers if d.contribution.money is not None
        ),
        valuations=valuations,
        landing=year,
    )


def landing(
    low: float | None = 0.966,
    high: float = 0.97,
    *,
    target: Bound | None = 0.975,
    of: Metric | None = None,
    periods_in: int = 10,
    **fields: object,
) -> Landing:
    """Where 2026 will end as seen from October, judged by the real rules; None says nothing."""
    ends = None if low is None else Estimate(low=low, mid=(low + high) / 2, high=high)
    found = Landing(
        first=date(2026, 1, 1),
        periods_in=periods_in,
        periods=12,
        ends=ends,
        narrow=None if ends is None else (ends.low, ends.high),
        target=target,
        trajectory=Trajectory.NOT_JUDGED
        if ends is None
        else trajectory(
            ends.low,
            ends.high,
            target=target,
            direction=(of or metric()).direction,
            is_over=periods_in == 12,
        ),
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def scorecard(*rows: Explanation, **fields: object) -> Scorecard:
    """One month of the given outcomes; costs and gains add up over their drivers."""
    shown = rows or (explanation(),)
    month = shown[0].outcome.month
    money = [d.contribution.money for row in shown for d in row.drivers if d.contribution.money]
    found = Scorecard(
        organisation=Organisation(name="Marlow & Finch", is_sample=True),
        month=month,
        months=tuple(add_months(month, -back) for back in range(12)),
        as_of=7,
        rows=shown,
        on_target=sum(r.outcome.judgement.status is Status.ON_TARGET for r in settled_rows(shown)),
        on_target_before=None,
        cost=sum_of_estimates(one for one in money if one.mid < 0),
        gain=sum_of_estimates(one for one in money if one.mid > 0),
        received=27,
        expected=28,
        late=(),
        data_through=last_day(month),
        loaded_at=datetime(2026, 11, 3, 7, 10, tzinfo=UTC),
        coverage=Coverage(
            mapped=("it.availability", "it.mttr"),
            orphans=("it.fcr",),
            activities=(),
            without_driver=(),
        ),
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def per_step(
    effect: Estimate,
    *,
    step: float = 0.01,
    unit: Unit = Unit.PERCENT,
    of: str = "Releases that had to be undone",
) -> PerStep:
    """What one percentage point of a driver does to checkout success."""
    return PerStep(step=step, unit=unit, of=of, outcome=reading(), effect=effect)


def map_link(
    of: Reading, found: Contribution, *, step: PerStep | None = None, is_overdue: bool = False
) -> MapLink:
    """A link on the map, whose driver's month is ``of``."""
    return MapLink(reading=of, contribution=found, per_step=step, is_overdue=is_overdue)


def map_outcome(of: Explanation, *links: MapLink, has_driver: bool | None = None) -> MapOutcome:
    """An outcome with its links; without any it has no driver, unless told otherwise."""
    return MapOutcome(
        explanation=of,
        links=links,
        has_driver=bool(links) if has_driver is None else has_driver,
    )


def link_map(*outcomes: MapOutcome, **fields: object) -> LinkMap:
    """October's map of the given outcomes, by their goals."""
    goals = dict.fromkeys(one.reading.metric.goal or "" for one in outcomes)
    found = LinkMap(
        organisation=Organisation(name="Marlow & Finch", is_sample=True),
        month=OCTOBER,
        as_of=7,
        goals=tuple(
            MapGoal(
                name=goal,
                outcomes=tuple(one for one in outcomes if (one.reading.metric.goal or "") == goal),
            )
            for goal in goals
        ),
        coverage=Coverage(mapped=(), orphans=(), activities=(), without_driver=()),
        orphans=(),
        activities=(),
        without_driver=(),
        watermelons=ranked(
            one.explanation.disagreement for one in outcomes if one.explanation.disagreement
        ),
        money_steps=None,
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def preview(**fields: object) -> Preview:
    """A read file: 1,185 new rows, 14 changed, 203 already here, 6 rejected."""
    found = Preview(
        token="t1",  # noqa: S106 - names a staging table, not a secret
        path=Path("incidents_oct.csv"),
        file_name="incidents_oct.csv",
        size=421_888,
        sha256="0" * 64,
        recipe="servicenow_incidents",
        recipe_version=1,
        recipe_label="ServiceNow incident export",
        tables=("",),
        table="",
        overrides=AS_READ,
        days=((date(2026, 10, 1), 1408),),
        decisions=("Comma separated.",),
        columns=(),
        rows_read=1408,
        counts={
            RowFate.NEW: 1185,
            RowFate.UPDATED: 14,
            RowFate.IDENTICAL: 203,
            RowFate.DUPLICATE: 0,
            RowFate.REJECTED: 6,
        },
        findings=(
            Finding(
                severity=Severity.ERROR,
                place="resolved_at",
                sentence="There is no 31 February.",
                next_step="Correct the date.",
                line=17,
                value="31/02/2026 10:00",
            ),
        ),
        finding_counts=(("There is no such date.", 6),),
        impacts=(
            Impact(
                metric="it.mttr",
                label="Time to get people working again",
                month=OCTOBER,
                stored=None,
                after=5.8,
                status_before=Status.NO_DATA,
                status_after=Status.NEAR_TARGET,
            ),
        ),
        first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31),
        base=7,
        definitions="",
        same_file_batch=None,
    )
    return replace(found, **fields)  # type: ignore[arg-type]


def health(**fields: object) -> Health:
    """Twelve months of two metrics and one late source."""
    found = Health(
        months=tuple(add_months(OCTOBER, back) for back in range(-11, 1)),
        metrics=(
            MetricMonths(metric="it.mttr", label="Time to resolve", cells=("complete",) * 12),
            MetricMonths(
                metric="it.page_load",
                label="Page load time",
                cells=(*("complete",) * 8, "late", "restated", "missing", "partial"),
            ),
        ),
        sources=(
            SourceFreshness(
                source="scheduler",
                label="Scheduler export",
                cadence="day",
                data_through=date(2026, 10, 29),
                received_at=datetime(2026, 10, 30, 6, 0, tzinfo=UTC),
                days_late=2,
            ),
        ),
        checks=(),
    )
    return replace(found, **fields)  # type: ignore[arg-type]
