"""What went well, drafted: somebody puts it into their own words before it is told (F5)."""

from kpi_engine.periods import month_label
from kpi_engine.services.wins import Draft
from kpi_engine.store.wins import Win
from kpi_engine.words.drivers import cause_clause
from kpi_engine.words.initiatives import sentence
from kpi_engine.words.outcome import movement_clause
from kpi_engine.words.reading import target_text
from kpi_engine.words.variation import lasting_text


def draft_text(draft: Draft, *, currency: str = "$") -> str:
    """A first version: what the figures say, with the cause where own data name one."""
    if draft.initiative is not None:
        one = draft.initiative
        said = [
            sentence(verdict, is_final=one.is_final, currency=currency) for verdict in one.verdicts
        ]
        return " ".join([f"{one.initiative.label} worked.", *said])
    if draft.row is None:
        raise AssertionError("a draft is about an outcome or an initiative")
    outcome = draft.row.outcome
    moved = movement_clause(outcome, currency=currency)
    if draft.reached:
        aim = target_text(outcome, currency=currency)
        return f"{moved}, {cause_clause(draft.row)}: its target of {aim} is met."
    lasting = lasting_text(outcome.verdict, cadence=outcome.metric.cadence)
    return f"{moved}; it has been {lasting}."


def win_text(one: Win) -> str:
    """A win as it was told, with its month."""
    return f"{month_label(one.month)}: {one.text}"
