"""Views of what is defined, for those who ask with SQL: measures, targets, links, assumptions."""

from collections.abc import Iterable, Mapping

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.store.view import SEGMENT, View, listed


def views_of_definitions(catalogue: Catalogue) -> tuple[View, ...]:
    """One view each kind of definition, as they are now."""
    return tuple(make(catalogue) for make in (_metrics, _targets, _links, _assumptions))


def _metrics(catalogue: Catalogue) -> View:
    shown = set(catalogue.organisation.scorecard)
    return listed(
        "metrics",
        "One measure as it is defined now.",
        ("metric", "text", "Its id, as in readings."),
        ("label", "text", "Its name on pages."),
        ("side", "text", "it, business, or base for counts that others are divided by."),
        ("unit", "text", "What a value counts; percent is kept as a fraction."),
        ("direction", "text", "Which way is good: higher, lower, range or none."),
        ("fold", "text", "How it becomes one number: sum, last, ratio and so on."),
        ("goal", "text", "The heading it stands under."),
        ("is_on_scorecard", "yes_no", "Whether the scorecard prints it."),
        ("is_worked_out", "yes_no", "Worked out when it is read: readings hold none of it."),
        ("owner_business", "text", "Who answers for it in the business."),
        ("owner_it", "text", "Who answers for it in IT."),
        ("sentence", "text", "What it says."),
        ("not_measured", "text", "What it does not say."),
        rows=tuple(
            (
                *(m.id, m.label, m.side.value, m.unit.value, m.direction.value),
                *(m.measure.fold.value, m.goal, m.id in shown, m.worked_out),
                *(m.owners.business, m.owners.it, m.sentence, m.not_measured),
            )
            for m in catalogue.metrics.values()
        ),
    )


def _targets(catalogue: Catalogue) -> View:
    return listed(
        "targets",
        "One target; it holds until the next one of the same measure and segment.",
        ("metric", "text", "Its id, as in readings."),
        SEGMENT,
        ("valid_from", "day", "First month it holds for."),
        ("target", "number", "Aimed for; the lower end where a range is."),
        ("target_to", "number", "The upper end of a range, else empty."),
        ("red_line", "number", "Past it a miss is serious; the lower one of a range."),
        ("red_line_to", "number", "The upper one of a range, else empty."),
        ("is_agreed", "yes_no", "Whether two owners agreed it."),
        rows=tuple(
            (
                *(t.metric, _spelled(t.segment), t.valid_from),
                *(*_ends(t.target), *_ends(t.red_line), t.agreed_by is not None),
            )
            for t in catalogue.targets
        ),
    )


def _links(catalogue: Catalogue) -> View:
    return listed(
        "links",
        "One declared relation from an IT measure to an outcome.",
        ("link", "text", "Its id."),
        ("driver", "text", "The measure at the IT end."),
        ("driver_segment", "text", "The segment of the driver."),
        ("outcome", "text", "The measure at the business end."),
        ("kind", "text", "identity, impact or influence."),
        ("sign", "whole", "1: more of the driver means more of the outcome; -1: less."),
        ("lag_days_from", "whole", "Shortest delay until it is felt."),
        ("lag_days_to", "whole", "Longest delay."),
        (
            "grade",
            "text",
            "The declared grade, A to E; the map shows the one that own data earned.",
        ),
        ("mechanism", "text", "Why one should move the other."),
        rows=tuple(
            (
                *(one.id, one.driver, _spelled(one.driver_segment), one.outcome, one.kind.value),
                *(one.sign, *one.lag_days, one.grade.value, one.mechanism),
            )
            for one in catalogue.links.values()
        ),
    )


def _assumptions(catalogue: Catalogue) -> View:
    return listed(
        "assumptions",
        "One named number that turns units into money or hours.",
        ("assumption", "text", "Its id."),
        ("label", "text", "Its name."),
        ("unit", "text", "What it counts."),
        ("low", "number", "Lowest it may be."),
        ("mid", "number", "Most likely."),
        ("high", "number", "Highest it may be."),
        ("expires", "day", "When it has to be looked at again."),
        rows=tuple(
            (a.id, a.label, a.unit, a.low, a.mid, a.high, a.expires)
            for a in catalogue.assumptions.values()
        ),
    )


def _spelled(members: Mapping[str, str]) -> str:
    return ";".join(f"{name}={member}" for name, member in sorted(members.items())) or "all"


def _ends(value: float | Iterable[float]) -> tuple[float | None, float | None]:
    if isinstance(value, float | int):
        return value, None
    low, high = value
    return low, high
