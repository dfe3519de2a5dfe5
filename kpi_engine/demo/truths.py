"""What was planted in the demo company, from the simulator's own books."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class OutageTruth:
    """The checkout outage at peak.

    Attributes:
        started_at: UTC, ISO 8601.
        ended_at: UTC, ISO 8601.
        demand: Orders that would have been made in these minutes.
        expected_demand: The same before chance: what the model of demand expects.
        recovered: Of them, orders that came back within two days.
        lost: Of them, orders that never came back.
        recovered_share: What share the simulator let come back.
    """

    service: str
    started_at: str
    ended_at: str
    minutes: int
    demand: int
    expected_demand: float
    recovered: int
    lost: int
    recovered_share: float


@dataclass(frozen=True, kw_only=True)
class ReleaseTruth:
    """The release of the last month that failed badly.

    Attributes:
        finished_at: UTC, ISO 8601.
        error_share: Share of the day's requests it made fail.
        success_lost: What that took off the day's checkout success, as a fraction.
    """

    deployment_id: str
    finished_at: str
    error_share: float
    success_lost: float


@dataclass(frozen=True, kw_only=True)
class WatermelonTruth:
    """An outcome off target while the IT measures behind it are on target."""

    outcome: str
    drivers: tuple[str, ...]
    driver_segments: Mapping[str, Mapping[str, str]]
    months: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CounterTruth:
    """A metric that improves by making another one worse.

    Attributes:
        share_before: Share of problems that come back, before ``since``.
        share_after: The same from then on.
    """

    improving: str
    worsening: str
    since: str
    share_before: float
    share_after: float


@dataclass(frozen=True, kw_only=True)
class RestatementTruth:
    """A month that was reported once and corrected after it was closed.

    Attributes:
        before: The outcome's value from the rows first reported.
        after: Its value from the corrected rows.
        rows: How many rows were corrected.
        file_name: The file that brings the correction.
    """

    metric: str
    month: str
    before: float
    after: float
    rows: int
    file_name: str


@dataclass(frozen=True, kw_only=True)
class LateTruth:
    """A source that did not deliver for the last month."""

    source: str
    metrics: tuple[str, ...]
    data_through: str


@dataclass(frozen=True, kw_only=True)
class EffectTruth:
    """A true influence of one metric on another.

    Attributes:
        effect: Change of the outcome, in its unit, for one ``per`` more of the driver.
        per: What one step of the driver is.
        lag_days: Delay until it is felt.
    """

    driver: str
    outcome: str
    effect: float
    per: str
    lag_days: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class CoincidenceTruth:
    """Two series that share a season and nothing else."""

    one: str
    other: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class MonthBook:
    """One month as the simulator kept it."""

    month: str
    sessions: int
    attempted: int
    orders: int
    returns: int
    net_revenue: float
    shop_down_minutes: int
    tickets_opened: int
    releases: int
    failed_releases: int


@dataclass(frozen=True, kw_only=True)
class Truths:
    """Everything planted, and the books to check an import against.

    Attributes:
        peak_months: Calendar months of the seasonal sales.
        black_fridays: ISO days.
    """

    seed: int
    last_month: str
    outage: OutageTruth
    failed_release: ReleaseTruth
    watermelon: WatermelonTruth
    counter: CounterTruth
    restatement: RestatementTruth
    late: LateTruth
    peak_months: tuple[int, ...]
    black_fridays: tuple[str, ...]
    effects: tuple[EffectTruth, ...]
    coincidence: CoincidenceTruth
    books: tuple[MonthBook, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    def write(self, path: Path) -> None:
        """Keep the truths beside the files they are about."""
        path.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")
