"""Forecasts that were kept, held against what came."""

from collections.abc import Iterable
from datetime import date

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.influence.config import DEFAULT_LEDGER, LedgerConfig
from kpi_engine.mapping.influence.forecast import Forecast
from kpi_engine.mapping.influence.record import ALONE, Entry, Ranges
from kpi_engine.mapping.influence.scales import off_scale
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.felt import FeltBook
from kpi_engine.services.forecasting import BY_LINK, OWN_PAST, claim_of
from kpi_engine.services.series import wanted
from kpi_engine.services.tracks import TrackBook
from kpi_engine.store.predictions import Prediction


def entries_of(
    outcome: Metric,
    kept: Iterable[Prediction],
    *,
    book: TrackBook,
    closed: ClosedMonths,
    config: LedgerConfig = DEFAULT_LEDGER,
) -> tuple[Entry, ...]:
    """Every forecast of an outcome with what came, by month, its own past first.

    Forecasts of something that is not claimed any more are left out: a link that is declared
    otherwise has to prove itself again.

    Args:
        outcome: Its metric.
        kept: Its forecasts.
        book: Of tracks, at the tick looked at.
        closed: Whole months at that tick.
        config: Which ranges are shown.
    """
    catalogue = book.look.catalogue
    own = closed.of(wanted(outcome.id))
    alone_claim = claim_of(catalogue, outcome.id, None)
    links = {
        one.id: (one, claim_of(catalogue, outcome.id, one))
        for one in catalogue.links_to(outcome.id)
    }
    drivers = FeltBook(book=book, closed=closed)
    found: list[Entry] = []
    alone: dict[date, Ranges] = {}
    for one in sorted(kept, key=lambda one: (one.month, one.link)):
        if one.link == ALONE and one.claim == alone_claim:
            ranges = _ranges(OWN_PAST.validate_json(one.forecast), outcome, config)
            alone[one.month] = ranges
            found.append(_entry(one, ranges, None, own.get(one.month)))
        elif one.link in links and one.claim == links[one.link][1] and one.month in alone:
            rule = BY_LINK.validate_json(one.forecast)
            shapes = [each.shape for each in rule.shapes]
            felt = drivers.by_month(links[one.link][0], rule.grain, shapes).get(one.month)
            forecast = rule.usual if felt is None else rule.given(felt)
            value = None if felt is None else own.get(one.month)
            ranges = _ranges(forecast, outcome, config)
            found.append(_entry(one, ranges, alone[one.month], value))
    return tuple(found)


def _ranges(found: Forecast, outcome: Metric, config: LedgerConfig) -> Ranges:
    def ends(level: float) -> tuple[float, float]:
        low, high = (off_scale(end, outcome.moves) for end in found.range_of(level))
        return low, high

    return Ranges(
        mid=off_scale(found.mid, outcome.moves),
        likely=ends(config.likely),
        wide=ends(config.wide),
    )


def _entry(
    kept: Prediction, forecast: Ranges, without: Ranges | None, value: float | None
) -> Entry:
    return Entry(
        outcome=kept.outcome,
        link=kept.link,
        month=kept.month,
        made_at=kept.as_of,
        is_retrospective=kept.is_retrospective,
        forecast=forecast,
        without=without,
        value=value,
    )
