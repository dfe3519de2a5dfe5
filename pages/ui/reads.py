"""What services answer, remembered per tick of the clock and version of the definitions.

Results are frozen, so everybody may share one; the key names everything they depend on, and they
are read as of its tick. The key itself is remembered until somebody writes to the store.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import streamlit as st

from kpi_engine.demo import build
from kpi_engine.demo.build import Unfinished
from kpi_engine.services import (
    actions,
    alerts,
    checklist,
    editions,
    initiatives,
    ledger,
    method,
    months,
    scorecard,
    whatif,
)
from kpi_engine.services import map as maps
from kpi_engine.services.actions import Decisions
from kpi_engine.services.alerts import Alerts
from kpi_engine.services.checklist import Close
from kpi_engine.services.editions import Edition, Restated
from kpi_engine.services.estimates import missing_estimates
from kpi_engine.services.initiatives import Initiatives
from kpi_engine.services.ledger import Ledger
from kpi_engine.services.map import LinkMap
from kpi_engine.services.method import Method
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.services.whatif import Setting
from kpi_engine.workspace import Workspace


class Version(NamedTuple):
    """What every answer depends on.

    Attributes:
        home: Which store.
        tick: Its newest.
        definitions: Fingerprint of the definitions.
        missing: How many outcomes' links are still being estimated.
        published: How many editions there are: what counts as restated depends on them.
    """

    home: str
    tick: int
    definitions: str
    missing: int
    published: int


def version(ws: Workspace) -> Version:
    """What answers depend on at this moment."""
    return _version(ws, str(ws.home), ws.newest_write(), ws.catalogue.fingerprint)


def read_newest(ws: Workspace) -> Scorecard | None:
    """The newest month, closed or not; None while there are no data, or none that still count."""
    return read_scorecard(ws) if version(ws).tick and _has_data(ws, version(ws)) else None


def read_scorecard(ws: Workspace, *, month: date | None = None) -> Scorecard:
    """One month on one page; the newest when none is named."""
    newest = _scorecard(ws, version(ws), None)
    return newest if month in (None, newest.month) else _scorecard(ws, version(ws), month)


def read_close(ws: Workspace, *, month: date) -> Close:
    """How far the close of a month is: read anew, since it changes with every comment."""
    if checklist.month_is_closed(ws, month):
        number = editions.newest_editions(ws)[month]
        return checklist.read_close(
            ws, month, card=read_edition(ws, month=month, number=number).card
        )
    return checklist.read_close(ws, month, card=read_scorecard(ws, month=month))


def read_alerts(ws: Workspace, *, today: date) -> Alerts:
    """What somebody should know: read anew, since it changes with every digest."""
    return alerts.read_alerts(ws, today=today, read=lambda month: read_scorecard(ws, month=month))


def read_edition(ws: Workspace, *, month: date, number: int) -> Edition:
    """A month as it was published."""
    return _edition(ws, str(ws.home), month, number)


def read_editions(ws: Workspace) -> Mapping[date, int]:
    """The number of the newest edition of every month that was published."""
    return _editions(ws, str(ws.home), ws.newest_write())


def read_decisions(ws: Workspace, *, month: date, today: date) -> Decisions:
    """What waits for a decision of a month, and what was decided."""
    return _decisions(ws, str(ws.home), ws.newest_write(), month, today)


def read_restated(ws: Workspace, *, month: date, number: int) -> tuple[Restated, ...]:
    """What is another now than it was published."""
    published = read_edition(ws, month=month, number=number).card
    return editions.restated(ws, published, read_scorecard(ws, month=month))


def read_setting(ws: Workspace, *, outcome: str, month: date) -> Setting:
    """One outcome's month, ready for what-ifs."""
    return _setting(ws, version(ws), outcome, month)


def read_method(ws: Workspace, *, outcome: str, month: date) -> Method:
    """How one outcome's numbers come about."""
    return _method(ws, version(ws), outcome, month)


def read_map(ws: Workspace, *, month: date) -> LinkMap:
    """All links of a month."""
    return _map(ws, version(ws), month)


def read_ledger(ws: Workspace) -> Ledger:
    """What was forecast, and what came."""
    return _ledger(ws, version(ws))


def read_initiatives(ws: Workspace, *, month: date) -> Initiatives:
    """What became of initiatives by the end of a month."""
    return _initiatives(ws, version(ws), month)


def read_unfinished(ws: Workspace) -> Unfinished | None:
    """How far the sample company is where its build was cut off; None where it was not."""
    return _unfinished(ws, version(ws))


@st.cache_resource(max_entries=8, show_spinner=False)
def _version(_ws: Workspace, home: str, write: int, definitions: str) -> Version:  # noqa: ARG001 - the newest write names all that is in the store
    return Version(
        home=home,
        tick=_ws.newest(),
        definitions=definitions,
        missing=len(missing_estimates(_ws)),
        published=sum(editions.newest_editions(_ws).values()),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _editions(_ws: Workspace, home: str, write: int) -> Mapping[date, int]:  # noqa: ARG001 - as above
    return editions.newest_editions(_ws)


@st.cache_resource(max_entries=64, show_spinner=False)
def _decisions(_ws: Workspace, home: str, write: int, month: date, today: date) -> Decisions:  # noqa: ARG001 - as above
    return actions.read_decisions(_ws, read_scorecard(_ws, month=month), today=today)


@st.cache_resource(max_entries=64, show_spinner=False)
def _unfinished(_ws: Workspace, key: Version) -> Unfinished | None:  # noqa: ARG001 - as below
    return build.read_unfinished(_ws)


@st.cache_resource(max_entries=64, show_spinner=False)
def _has_data(_ws: Workspace, key: Version) -> bool:  # noqa: ARG001 - the key is what makes it safe
    return months.has_data(_ws)


@st.cache_resource(max_entries=64, show_spinner=False)
def _scorecard(_ws: Workspace, key: Version, month: date | None) -> Scorecard:
    return scorecard.read(_ws, month=month, as_of=key.tick)


@st.cache_resource(max_entries=64, show_spinner=False)
def _edition(_ws: Workspace, home: str, month: date, number: int) -> Edition:  # noqa: ARG001 - as above
    return editions.read_edition(_ws, month, number=number)


@st.cache_resource(max_entries=64, show_spinner=False)
def _setting(_ws: Workspace, key: Version, outcome: str, month: date) -> Setting:
    return whatif.read_setting(_ws, outcome, month=month, as_of=key.tick)


@st.cache_resource(max_entries=64, show_spinner=False)
def _method(_ws: Workspace, key: Version, outcome: str, month: date) -> Method:
    return method.read_method(_ws, outcome, month=month, as_of=key.tick)


@st.cache_resource(max_entries=64, show_spinner=False)
def _initiatives(_ws: Workspace, key: Version, month: date) -> Initiatives:
    return initiatives.read_initiatives(_ws, month=month, as_of=key.tick)


@st.cache_resource(max_entries=8, show_spinner=False)
def _ledger(_ws: Workspace, key: Version) -> Ledger:
    return ledger.read_ledger(_ws, as_of=key.tick)


@st.cache_resource(max_entries=64, show_spinner=False)
def _map(_ws: Workspace, key: Version, month: date) -> LinkMap:
    return maps.read_map(_ws, month=month, as_of=key.tick)
