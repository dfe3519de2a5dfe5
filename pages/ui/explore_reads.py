"""What the page Explore asks of services, remembered per tick and version of the definitions."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import streamlit as st

from kpi_engine.catalogue.metrics import Metric
from kpi_engine.mapping.contribution import DatedEvent
from kpi_engine.services import askable, explore, happenings, pairs, rows_behind
from kpi_engine.services.behind import RowsBehind
from kpi_engine.services.explored import Answer
from kpi_engine.services.pairs import Pair, Segment, Standing
from kpi_engine.terms import Comparison, Grain
from kpi_engine.workspace import Workspace
from pages.ui.reads import Version, version

Members = tuple[tuple[str, str], ...]


class Key(NamedTuple):
    """The part of a version that these answers depend on, which estimates are not in."""

    home: str
    tick: int
    definitions: str


def read_answer(
    ws: Workspace,
    metric: str,
    *,
    grain: Grain,
    between: tuple[date, date],
    by: str | None = None,
    segment: Mapping[str, str] | None = None,
    compare: Comparison | None = None,
) -> Answer:
    """A metric over time, whole and by a dimension."""
    members = tuple(sorted((segment or {}).items()))
    return _answer(ws, _key(ws), metric, by, grain, between, members, compare)


def read_pair(
    ws: Workspace,
    driver: str,
    outcome: str,
    *,
    grain: Grain,
    between: tuple[date, date],
    lag: int | None,
) -> Pair:
    """Two measures side by side."""
    return _pair(ws, _key(ws), driver, outcome, grain, between, lag)


def read_segments(ws: Workspace, driver: str, outcome: str) -> tuple[Segment, Segment]:
    """Which segment of each of two measures is looked at."""
    return _segments(ws, _key(ws), driver, outcome)


def read_standing(ws: Workspace, one: str, other: str) -> tuple[Standing, ...]:
    """Links between two measures, with the grades that they have now."""
    return _standing(ws, version(ws), one, other)


def read_rows(
    ws: Workspace,
    metric: str,
    *,
    grain: Grain,
    period: date,
    segment: Mapping[str, str],
    limit: int,
    offset: int = 0,
) -> RowsBehind:
    """The rows behind a number."""
    members = tuple(sorted(segment.items()))
    return _rows(ws, _key(ws), metric, grain, period, members, limit, offset)


def read_events(ws: Workspace, between: tuple[date, date]) -> tuple[DatedEvent, ...]:
    """What happened in these days."""
    return _events(ws, _key(ws), between)


def read_choices(ws: Workspace, metric: str) -> Mapping[str, tuple[str, ...]]:
    """Members of each dimension of a metric that have data."""
    return _choices(ws, _key(ws), metric)


def read_measures(ws: Workspace) -> tuple[Metric, ...]:
    """Metrics with data."""
    return _measures(ws, _key(ws))


@st.cache_resource(max_entries=8, show_spinner=False)
def _measures(_ws: Workspace, key: Key) -> tuple[Metric, ...]:  # noqa: ARG001 - as below
    return askable.measures(_ws)


def _key(ws: Workspace) -> Key:
    return Key(*version(ws)[:3])


@st.cache_resource(max_entries=256, show_spinner=False)
def _answer(
    _ws: Workspace,
    key: Key,
    metric: str,
    by: str | None,
    grain: Grain,
    between: tuple[date, date],
    members: Members,
    compare: Comparison | None,
) -> Answer:
    return explore.query(
        _ws,
        metric,
        by=by,
        grain=grain,
        first=between[0],
        last=between[1],
        segment=dict(members),
        compare=compare,
        as_of=key.tick,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _pair(
    _ws: Workspace,
    key: Key,
    driver: str,
    outcome: str,
    grain: Grain,
    between: tuple[date, date],
    lag: int | None,
) -> Pair:
    return pairs.read_pair(
        _ws,
        driver,
        outcome,
        grain=grain,
        first=between[0],
        last=between[1],
        lag=lag,
        as_of=key.tick,
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _segments(_ws: Workspace, key: Key, driver: str, outcome: str) -> tuple[Segment, Segment]:
    return pairs.pair_segments(_ws, driver, outcome, as_of=key.tick)


@st.cache_resource(max_entries=64, show_spinner=False)
def _standing(
    _ws: Workspace,
    key: Version,
    one: str,
    other: str,
) -> tuple[Standing, ...]:
    return pairs.read_standing(_ws, one, other, as_of=key.tick)


@st.cache_resource(max_entries=16, show_spinner=False)
def _rows(
    _ws: Workspace,
    key: Key,
    metric: str,
    grain: Grain,
    period: date,
    members: Members,
    limit: int,
    offset: int,
) -> RowsBehind:
    return rows_behind.rows_behind(
        _ws,
        metric,
        period=period,
        grain=grain,
        segment=dict(members),
        limit=limit,
        offset=offset,
        as_of=key.tick,
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def _events(
    _ws: Workspace,
    key: Key,
    between: tuple[date, date],
) -> tuple[DatedEvent, ...]:
    return happenings.read_happenings(_ws, first=between[0], last=between[1], as_of=key.tick)


@st.cache_resource(max_entries=64, show_spinner=False)
def _choices(_ws: Workspace, key: Key, metric: str) -> Mapping[str, tuple[str, ...]]:
    return askable.choices(_ws, metric, as_of=key.tick)
