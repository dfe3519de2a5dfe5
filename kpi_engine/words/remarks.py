"""What to look at on the map: where IT and business disagree, links in doubt, what is not tied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kpi_engine.services.map import LinkMap
from kpi_engine.words.doubt import doubts
from kpi_engine.words.drivers import watermelon_tag
from kpi_engine.words.map import ACTIVITY, GAP_MEASURE, GAP_OUTCOME
from kpi_engine.words.reading import joined


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing to look at.

    Attributes:
        about: An outcome, or the measures that are not tied to one.
        claim: In a few words, without a full stop.
        why: In a sentence or two; may be empty.
        is_alarm: The business notices something that IT's figures do not show.
    """

    about: str
    claim: str
    why: str = ""
    is_alarm: bool = False

    @property
    def text(self) -> str:
        """In one line: "Checkout success. IT on target, business off target. 99.5 % allows ..."."""
        return f"{self.about}. {self.claim}. {self.why}".strip()


def remarks(found: LinkMap) -> Mapping[str, tuple[Remark, ...]]:
    """By title, what to look at, the gravest first; only titles under which there is something."""
    told = {
        "Where IT and the business disagree": tuple(_disagreements(found)),
        "Links in doubt": tuple(
            Remark(about=one.outcome, claim=f"{one.title}: {joined(one.measures)}", why=one.why)
            for one in doubts(found)
        ),
        "What is tied to nothing": tuple(_gaps(found)),
    }
    return {title: rows for title, rows in told.items() if rows}


def _disagreements(found: LinkMap) -> Iterable[Remark]:
    by_name = {one.reading.metric.id: one for one in found.outcomes}
    for one in found.watermelons:
        tag = watermelon_tag(by_name[one.metric].explanation)
        if tag is not None:
            label = by_name[one.metric].reading.label
            yield Remark(about=label, claim=tag.label, why=tag.sentence, is_alarm=tag.is_alarm)


def _gaps(found: LinkMap) -> Iterable[Remark]:
    for metrics, said in (
        (found.without_driver, GAP_OUTCOME),
        (found.orphans, GAP_MEASURE),
        (found.activities, ACTIVITY),
    ):
        if metrics:
            yield Remark(about=joined(metric.label for metric in metrics), claim=said)
