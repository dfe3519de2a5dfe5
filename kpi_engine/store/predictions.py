"""What was forecast of months. It is added to and never changed, whatever happens to the data."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa

from kpi_engine.store.tables import prediction


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One forecast as it is kept.

    Attributes:
        as_of: Tick at which it was made.
        outcome: Its metric.
        link: The link that forecasts; empty where the outcome's own past does.
        month: The month forecast.
        claim: What was claimed and how: of definitions and method.
        is_retrospective: The month was in already.
        forecast: JSON.
    """

    as_of: int
    outcome: str
    link: str
    month: date
    claim: str
    is_retrospective: bool
    forecast: str

    @property
    def key(self) -> tuple[str, str, date, str]:
        """There is one forecast for each: the first one made."""
        return self.outcome, self.link, self.month, self.claim


def read_predictions(
    connection: sa.Connection, *, as_of: int, outcome: str
) -> tuple[Prediction, ...]:
    """Every forecast of an outcome that was made up to a tick, by month and link."""
    query = (
        sa.select(prediction)
        .where(prediction.c.as_of <= as_of, prediction.c.outcome == outcome)
        .order_by(prediction.c.month, prediction.c.link, prediction.c.claim)
    )
    return tuple(Prediction(**row) for row in connection.execute(query).mappings())


def add_predictions(connection: sa.Connection, made: Iterable[Prediction]) -> None:
    """Add forecasts; where there is one of the same key already, that one stays as it is."""
    columns = (prediction.c.outcome, prediction.c.link, prediction.c.month, prediction.c.claim)
    known = {tuple(row) for row in connection.execute(sa.select(*columns))}
    rows = [asdict(one) for one in made if one.key not in known]
    if rows:
        connection.execute(prediction.insert(), rows)
