"""The fields of a link as a form has them, each with the place for what is wrong with it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.errors import DefinitionError
from kpi_engine.findings import Finding
from kpi_engine.services.definition_edits import checked_reason
from kpi_engine.services.link_edits import Choices, LinkDraft
from kpi_engine.terms import EvidenceGrade, Side
from kpi_engine.units import change_parts
from kpi_engine.words import link_edits as words
from kpi_engine.words.lag import felt_after
from pages.ui.messages import sentence
from pages.ui.text import DATES, esc

_LONGEST = 730
"""Days: what is felt later than two years after is nobody's doing."""
_DIGITS = 10
_REASON = "reason"


class LinkForm:
    """One open form; ``said`` is what stands in it.

    Attributes:
        spots: Where mistakes are shown, by field; under "" those about anything else.
    """

    def __init__(self, catalogue: Catalogue, draft: LinkDraft, choices: Choices) -> None:
        self.spots: dict[str, DeltaGenerator] = {}
        self.said: dict[str, Any] = {}
        self._catalogue, self._draft, self._choices = catalogue, draft, choices
        self._key = f"link-{draft.id or 'new'}"
        self._is_new_range = False

    def ends(self, parts: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        """From what to what; of a link that is there neither can change."""
        left, right = st.columns(2)
        with left:
            driver = self._metric("IT measure", "driver", self._choices.drivers)
        with right:
            outcome = self._metric("Business outcome", "outcome", self._choices.outcomes)
        self._measures = driver, outcome
        if self._draft.id is not None:
            of = self._draft.content.get("driver_segment") or {}
            if of:
                st.caption(esc(f"Only {', '.join(of.values())}."))
            return
        self.said |= {"driver": driver.id, "outcome": outcome.id}
        known = parts.get(driver.id, ())
        if not known:
            return
        options: list[Mapping[str, str]] = [{}, *known]
        chosen = st.selectbox(
            "Only a part of it",
            options,
            format_func=lambda one: esc(", ".join(one.values())) or "All of it",
            key=f"{self._key}-part-{driver.id}",
        )
        self.said["driver_segment"] = dict(chosen) or None
        self._spot("driver_segment")

    def mechanism(self) -> None:
        """Why, in a sentence; which way, when, and how that is known."""
        content = self._draft.content
        self.said["mechanism"] = st.text_input(
            "How does one lead to the other? (one plain sentence)",
            content.get("mechanism", ""),
            key=f"{self._key}-mechanism",
        )
        self._spot("mechanism")
        way, least, most = st.columns([2, 1, 1])
        signs = list(words.DIRECTION)
        with way:
            self.said["sign"] = st.selectbox(
                "Direction",
                signs,
                index=signs.index(content["sign"]),
                format_func=words.DIRECTION.__getitem__,
                key=f"{self._key}-sign",
            )
            self._spot("sign")
        with least:
            first = self._days("Felt after, days at least", "least", content["lag_days"][0])
        with most:
            last = self._days("At most", "most", content["lag_days"][1])
        self.said["lag_days"] = [first, last]
        if first <= last:
            st.caption(f"Felt after: {felt_after((first, last))}.")
        self._spot("lag_days")

    def evidence(self) -> None:
        """How well it is known, as both owners see it; data may find otherwise."""
        content = self._draft.content
        now = EvidenceGrade(content["grade"])
        grades = [EvidenceGrade.C, EvidenceGrade.D, EvidenceGrade.E]
        if self._draft.is_counted:
            grades = [EvidenceGrade.A, EvidenceGrade.B]
        options = list(dict.fromkeys((now, *grades)))
        if self.said["sign"] and now is EvidenceGrade.CONTRADICTED:
            options.remove(now)
        elif not self.said["sign"]:
            options = [EvidenceGrade.CONTRADICTED]
        left, right = st.columns(2)
        with left:
            grade = st.selectbox(
                "Evidence",
                options,
                index=options.index(now) if now in options else len(options) - 1,
                format_func=words.grade_text,
                key=f"{self._key}-grade-{len(options)}",
            )
            self.said["grade"] = grade.value
            self._spot("grade")
        with right:
            self.said["grade_reason"] = st.text_input(
                "How is that known?", content.get("grade_reason", ""), key=f"{self._key}-reason"
            )
            self._spot("grade_reason")
        if self._draft.is_counted:
            st.caption(words.COUNTED)

    def agreed_range(self, *, currency: str) -> None:
        """The likely effect that both owners agreed; influences only."""
        if self._draft.is_counted:
            return
        driver, outcome = self._measures
        before = self._draft.content.get("prior") or {}
        _, factor, _ = change_parts(outcome.unit, currency=currency)
        st.markdown(f":small[{esc(words.range_label(driver, outcome, currency=currency))}]")
        low_at, high_at, source_at = st.columns([1, 1, 2])
        with low_at:
            low = self._end("From", "low", before, factor)
        with high_at:
            high = self._end("To", "high", before, factor)
        was = before.get("low"), before.get("high")
        self._is_new_range = bool(before) and (low, high) not in ((None, None), was)
        with source_at:
            source = st.text_input(
                "Where it comes from",
                "" if self._is_new_range else before.get("source", ""),
                key=f"{self._key}-source{self._renewed}",
            )
        if low is None and high is None:
            self.said["prior"] = None
        else:
            ends = {"low": low, "high": high}
            said = {name: end for name, end in ends.items() if end is not None}
            self.said["prior"] = {**said, "source": source}
        self._spot("prior")
        st.caption(words.NEW_RANGE if self._is_new_range else words.AGREED_BEFORE)

    def worth(self) -> None:
        """Through which assumptions it becomes money."""
        before = self._draft.content.get("money") or {}
        labels = self._choices.assumptions
        left, right = st.columns(2)
        with left:
            chosen = st.multiselect(
                "In money, times these assumptions",
                list(labels),
                [one for one in before.get("assumptions", ()) if one in labels],
                format_func=lambda name: esc(labels[name]),
                placeholder="It carries no money",
                key=f"{self._key}-assumptions",
            )
        with right:
            prices = {one.id: one.label for one in self._choices.prices}
            price = st.selectbox(
                "and a measured price",
                list(prices),
                index=list(prices).index(before["metric"]) if before.get("metric") else None,
                format_func=lambda name: esc(prices[name]),
                placeholder="None",
                key=f"{self._key}-price",
                disabled=not chosen,
            )
        kept = {name: one for name, one in before.items() if name == "saved_is_positive"}
        money = {**kept, "assumptions": chosen, **({"metric": price} if price else {})}
        self.said["money"] = money if chosen else None
        self._spot("money")

    def agreement(self) -> None:
        """Who agreed, and when it is looked at again."""
        content = self._draft.content
        before = {} if self._is_new_range else content.get("agreed_by") or {}
        named: dict[str, str] = {}
        places = st.columns(3)
        for place, side, label in (
            (places[0], Side.BUSINESS, "Agreed for the business by"),
            (places[1], Side.IT, "Agreed for IT by"),
        ):
            who = before.get(side.value)
            people = list(dict.fromkeys((*([who] if who else []), *self._choices.people[side])))
            with place:
                chosen = st.selectbox(
                    label,
                    people,
                    index=0 if who else None,
                    accept_new_options=True,
                    placeholder="Nobody yet",
                    key=f"{self._key}-{side.value}{self._renewed}",
                )
            if chosen:
                named[side.value] = chosen
        self.said["agreed_by"] = named or None
        with places[2]:
            self.said["review_by"] = st.date_input(
                "Look at it again by",
                date.fromisoformat(str(content["review_by"])),
                key=f"{self._key}-review",
                format=DATES,
            )
            self._spot("review_by")
        self._spot("agreed_by")

    def reason(self) -> str:
        """Why it is changed; kept with the version."""
        label = "Why are you changing it?" if self._draft.id else "Why is it added?"
        why = st.text_area(label, key=f"link-{self._draft.id}-why")
        self._spot(_REASON)
        return why

    def show_mistakes(self, reason: str, *, currency: str) -> bool:
        """Show all that has to be mended in the form itself; whether there is anything."""
        found = words.mistakes(self.said, *self._measures, currency=currency)
        for field, one in found.items():
            self.spots[field].error(esc(one), icon=None)
        try:
            checked_reason(reason)
        except DefinitionError as error:
            self.spots[_REASON].error(sentence(error), icon=None)
            return True
        return bool(found)

    def show(self, findings: Mapping[str, Sequence[Finding]], *, is_wrong: bool) -> None:
        """Each finding beside its field; what is about none of them stands at the end."""
        for field, found in findings.items():
            with self.spots.get(field, self.spots[""]):
                for one in found:
                    said = esc(f"{one.sentence} {one.next_step}".strip())
                    if is_wrong:
                        st.error(said, icon=None)
                    else:
                        st.warning(said, icon=None)

    @property
    def _renewed(self) -> str:
        """Of a key: who agreed a range, and where it came from, is asked anew of another range."""
        return "-renewed" if self._is_new_range else ""

    def _spot(self, field: str) -> None:
        self.spots[field] = st.container()

    def _metric(self, label: str, field: str, metrics: Sequence[Metric]) -> Metric:
        labels = {one.id: one.label for one in metrics}
        now = self._draft.content.get(field)
        if now is not None and now not in labels:
            labels[now] = self._catalogue.metric(now).label
        names = list(labels)
        chosen = st.selectbox(
            label,
            names,
            index=names.index(now) if now else 0,
            format_func=lambda name: esc(labels[name]),
            disabled=self._draft.id is not None,
            key=f"{self._key}-{field}",
        )
        self._spot(field)
        return self._catalogue.metric(chosen)

    def _days(self, label: str, name: str, now: int) -> int:
        return int(
            st.number_input(
                label,
                min_value=0,
                max_value=max(_LONGEST, now),
                value=now,
                key=f"{self._key}-{name}",
            )
        )

    def _end(self, label: str, name: str, before: Mapping[str, Any], factor: float) -> float | None:
        """One end in the unit people read; left alone it stays what it was, to the last digit."""
        now = before.get(name)
        shown = None if now is None else float(f"{now * factor:.{_DIGITS}g}")
        value = st.number_input(
            label, value=shown, format="%g", step=None, key=f"{self._key}-{name}"
        )
        if value is None or value == shown:
            return None if value is None else now
        return float(f"{value / factor:.{_DIGITS}g}")
