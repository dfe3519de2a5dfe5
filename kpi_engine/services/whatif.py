"""What would happen if: drivers set to other values, the outcome, the money, and how sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.errors import ImpossibleSettingError, UnknownNameError
from kpi_engine.mapping.propagation import Narrowing, Swing, narrowings, swings, total
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.dwa import ORDERS
from kpi_engine.services.levers import Lever, lever_of
from kpi_engine.services.look import Look
from kpi_engine.services.losses import LossLedger
from kpi_engine.services.month_readings import MonthReadings
from kpi_engine.services.months import read_newest_month
from kpi_engine.services.outcomes import Explanation, read_explanations, with_earlier, with_mix
from kpi_engine.services.readings import Reading
from kpi_engine.services.series import wanted
from kpi_engine.services.turning import Turned, turned
from kpi_engine.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one lever does.

    Attributes:
        effect: Change of the outcome, in its unit.
        amount: Change in business units, lost ones positive; None where nothing is counted.
        money: Money of it, positive when won; None where nothing says what it is worth.
        is_seen: The setting lies within anything seen in the data.
        within: Label of the lever whose effect holds all of this one, so that it is not added;
            empty where it is.
    """

    lever: Lever
    value: float
    effect: Estimate
    amount: Estimate | None
    noun: str
    money: Estimate | None
    is_seen: bool
    within: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "lever": self.lever.to_dict(),
            "value": self.value,
            "effect": self.effect.to_dict(),
            "amount": self.amount.to_dict() if self.amount else None,
            "amount_unit": self.noun,
            "money": self.money.to_dict() if self.money else None,
            "is_seen": self.is_seen,
            "within": self.within,
        }


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A month with some drivers set otherwise, all else as it was.

    Attributes:
        outcome: The month as it was.
        levers: Everything that can be turned.
        parts: What each turned lever does, in the order of the levers.
        change: Of the outcome, in its unit, before an end of its scale cuts it; exactly 0 where
            nothing was turned.
        after: The outcome then, within its scale.
        amount: What the change is in business units, with their name, lost ones positive; None
            where the turned levers count different things, or nothing.
        money: A month, positive when won; None where nothing says what all of it is worth.
        swings: What the range of the money (or, without money, of the outcome) comes from, the
            widest first.
        narrowings: How much narrower that range would be if one thing were known exactly, the most
            telling first (N14).
        outside: Levers set to values never seen in the data.
        not_counted: Links that cannot be turned because their effect is not known.
    """

    outcome: Reading
    as_of: int
    levers: tuple[Lever, ...]
    parts: tuple[Part, ...]
    change: Estimate
    after: Estimate
    amount: tuple[str, Estimate] | None
    money: Estimate | None
    swings: tuple[Swing, ...]
    narrowings: tuple[Narrowing, ...]
    outside: tuple[Lever, ...]
    not_counted: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "outcome": self.outcome.to_dict(),
            "as_of": self.as_of,
            "levers": [lever.to_dict() for lever in self.levers],
            "parts": [part.to_dict() for part in self.parts],
            "change": self.change.to_dict(),
            "after": self.after.to_dict(),
            "money": self.money.to_dict() if self.money else None,
            "swings": [
                {"label": one.label, "assumption": one.assumption, "low": one.low, "high": one.high}
                for one in self.swings
            ],
            "narrowings": [
                {
                    "label": one.label,
                    "assumption": one.assumption,
                    "then": one.then.to_dict(),
                    "share": one.share,
                }
                for one in self.narrowings
            ],
            "outside": [lever.link.id for lever in self.outside],
            "not_counted": list(self.not_counted),
        }


@dataclass(frozen=True, kw_only=True)
class Setting:
    """An outcome's month in which drivers can be turned, without reading anything again.

    Attributes:
        explanation: The month as it was.
        found: Its readings.
    """

    catalogue: Catalogue
    explanation: Explanation
    found: MonthReadings

    @cached_property
    def levers(self) -> tuple[Lever, ...]:
        """Drivers whose effect is counted."""
        outcome = self.explanation.outcome
        if outcome.value is None:
            return ()
        found = (lever_of(self.catalogue, one, self.found) for one in self.explanation.drivers)
        return tuple(
            lever
            for lever in found
            if lever is not None
            and turned(self.catalogue, lever, lever.now + lever.step, outcome, self.found)
        )

    def simulate(self, changes: Mapping[str, float]) -> Simulation:
        """The same month with drivers set otherwise.

        Args:
            changes: Values by link id, each in its lever's unit.

        Raises:
            UnknownNameError: A link has no lever here.
            ImpossibleSettingError: A driver cannot have such a value.
        """
        return self._simulation(self._moves(changes))

    def after(self, changes: Mapping[str, float]) -> Estimate:
        """Only where the outcome would stand; arguments and errors as for :meth:`simulate`."""
        moves = self._moves(changes)
        within = _within_others(moves)
        return self._after(self._change([m for m in moves if m.lever.link.id not in within]))

    def _moves(self, changes: Mapping[str, float]) -> list[Turned]:
        """What every lever that is turned does, in the order of the levers."""
        levers = {lever.link.id: lever for lever in self.levers}
        outcome = self.explanation.outcome
        moves = []
        for name, value in changes.items():
            if name not in levers:
                raise UnknownNameError("lever", name, levers)
            lever = levers[name]
            if value == lever.now:
                continue
            move = None
            if lever.can_be(value):
                move = turned(self.catalogue, lever, value, outcome, self.found)
            if move is None:
                raise ImpossibleSettingError(lever.label, f"{value:g}")
            moves.append(move)
        order = list(levers)
        return sorted(moves, key=lambda move: order.index(move.lever.link.id))

    def _change(self, moves: Sequence[Turned]) -> Estimate:
        known = self.catalogue.assumptions
        return total([move.effect for move in moves], known) or Estimate.exact(0.0)

    def _after(self, change: Estimate) -> Estimate:
        outcome = self.explanation.outcome
        level, (low, high) = outcome.value or 0.0, outcome.metric.ends
        ends = (change.low, change.mid, change.high)
        return Estimate.of(*(min(high, max(low, level + end)) for end in ends))

    def _simulation(self, moves: Sequence[Turned]) -> Simulation:
        known = self.catalogue.assumptions
        outcome = self.explanation.outcome
        turned_all, within = moves, _within_others(moves)
        moves = [move for move in moves if move.lever.link.id not in within]
        change = self._change(moves)
        worth = [move.worth for move in moves if move.worth is not None]
        if len(worth) < len(moves):
            worth = []  # part of it in money would look like all of it
        level = outcome.value or 0.0
        nouns = {move.noun for move in moves if move.amount is not None}
        amounts = [move.amount for move in moves if move.amount is not None]
        is_alike = len(nouns) == 1 and len(amounts) == len(moves)
        amount, money = total(amounts, known) if is_alike else None, total(worth, known)
        after = self._after(change)
        # More than all there is cannot be won back: what is beyond the end of the scale is cut.
        share_possible = (after.mid - level) / change.mid if change.mid else 1.0
        return Simulation(
            outcome=outcome,
            as_of=self.explanation.as_of,
            levers=self.levers,
            parts=tuple(self._part(one, within.get(one.lever.link.id, "")) for one in turned_all),
            change=change,
            after=after,
            amount=(nouns.pop(), amount * share_possible) if amount is not None else None,
            money=money * share_possible if money is not None else None,
            swings=tuple(swings(worth or [move.effect for move in moves], known)),
            narrowings=tuple(
                replace(one, now=one.now * share, then=one.then * share)
                for one in narrowings(worth or [move.effect for move in moves], known)
                for share in (share_possible if worth else 1.0,)
            ),
            outside=tuple(move.lever for move in turned_all if not move.lever.is_seen(move.value)),
            not_counted=tuple(
                one.reading.label
                for one in self.explanation.drivers
                if one.contribution.link.id not in {lever.link.id for lever in self.levers}
            ),
        )

    def _part(self, move: Turned, within: str) -> Part:
        known = self.catalogue.assumptions
        effect = total([move.effect], known) or Estimate.exact(0.0)
        return Part(
            lever=move.lever,
            value=move.value,
            effect=effect,
            amount=total([move.amount], known) if move.amount else None,
            noun=move.noun,
            money=total([move.worth], known) if move.worth else None,
            is_seen=move.lever.is_seen(move.value),
            within=within,
        )


def read_setting(
    ws: Workspace, outcome: str, *, month: date | None = None, as_of: int | None = None
) -> Setting:
    """An outcome's month, ready to be turned.

    Args:
        ws: Where the data and the definitions are.
        outcome: Its metric.
        month: None for the newest month of the scorecard.
        as_of: The tick looked at; None for the newest.

    Raises:
        UnknownNameError: No such metric is declared.
        StoreError: There are no data at all and no month was given.
    """
    ws.catalogue.metric(outcome)
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=ws.catalogue, as_of=tick)
        ledger = LossLedger(look=look, month=month or read_newest_month(look))
        orders = [wanted(ORDERS)] if ORDERS in ws.catalogue.metrics else []
        rows, found = read_explanations(look, [outcome], ledger=ledger, also=orders)
        explanation = with_mix(look, rows[0])
    return Setting(catalogue=ws.catalogue, explanation=with_earlier(ws, explanation), found=found)


def simulate(
    ws: Workspace,
    outcome: str,
    changes: Mapping[str, float],
    *,
    month: date | None = None,
    as_of: int | None = None,
) -> Simulation:
    """What an outcome's month would be with drivers set otherwise.

    Args:
        ws: Where the data and the definitions are.
        outcome: Its metric.
        changes: Values by link id; a driver's own unit, for outages minutes of downtime.
        month: None for the newest month of the scorecard.
        as_of: The tick looked at; None for the newest.

    Raises:
        UnknownNameError: There is no such metric, or no lever of that name.
        StoreError: There are no data at all and no month was given.
    """
    return read_setting(ws, outcome, month=month, as_of=as_of).simulate(changes)


def _within_others(moves: Sequence[Turned]) -> dict[str, str]:
    """Of levers that overlap only the one that does most is counted: by link id, its label."""
    found: dict[str, str] = {}
    by_size = sorted(moves, key=lambda move: -abs(move.effect.basis.mid * move.effect.price))
    for place, move in enumerate(by_size):
        held = [
            other.lever
            for other in by_size[:place]
            if other.lever.link.id not in found and other.lever.overlaps(move.lever)
        ]
        if held:
            found[move.lever.link.id] = held[0].label
    return found
