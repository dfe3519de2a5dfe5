"""What state of the scorecard a document shows, who signed it, and of when it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from kpi_engine.catalogue.organisation import Organisation
from kpi_engine.services.editions import Edition
from kpi_engine.services.scorecard import Scorecard
from kpi_engine.store.closing import Comment
from kpi_engine.words.closing import SIDE, comments_text, entered_text
from kpi_engine.words.reading import day_text, joined

DRAFT = "Draft, latest data"
_LINE_TO_SIGN = "______________________ date __________"


@dataclass(frozen=True, kw_only=True)
class Signature:
    """One owner's signature under an edition.

    Attributes:
        role: In which capacity: "IT owner".
    """

    role: str
    name: str
    signed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What a document says of itself.

    Attributes:
        edition: "Edition 1", or that it is a draft.
        as_of: The tick that was looked at.
        dated_at: The instant that a file carries as its date: never the clock's, so that the same
            edition makes the same file.
        signatures: In the order signed; empty leaves lines to sign on paper.
        said: Why an outcome is where it is and what will be done, by its id.
    """

    edition: str
    as_of: int
    dated_at: datetime
    signatures: tuple[Signature, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)


def draft(scorecard: Scorecard, comments: Iterable[Comment] = ()) -> Imprint:
    """The imprint of a month's latest figures: dated when its newest data came."""
    end = datetime.combine(
        scorecard.organisation.calendar.last_day(scorecard.month), time(), tzinfo=UTC
    )
    return Imprint(
        edition=DRAFT,
        as_of=scorecard.as_of,
        dated_at=scorecard.loaded_at or end,
        said=comments_text(comments),
    )


def of_edition(edition: Edition) -> Imprint:
    """The imprint of an edition: dated when it was published, with its signatures."""
    return Imprint(
        edition=f"Edition {edition.number}",
        as_of=edition.card.as_of,
        dated_at=edition.published_at.replace(tzinfo=UTC),
        signatures=tuple(
            Signature(
                role=f"{SIDE[one.side]} owner{entered_text(one)}",
                name=one.name,
                signed_at=one.signed_at.replace(tzinfo=UTC),
            )
            for one in edition.signatures
        ),
        said=comments_text(edition.comments),
    )


def about(scorecard: Scorecard) -> str:
    """Which month of whom: "October 2026, Marlow & Finch (sample data)"."""
    organisation = scorecard.organisation
    return f"{organisation.calendar.label(scorecard.month)}, {_company(organisation)}"


def source_text(organisation: Organisation, *, as_of: int, now: datetime) -> str:
    """Where a drawing comes from: "Marlow & Finch, as of batch 42, drawn on 30 Nov 2026 14:02."."""
    drawn_at = _instant(now, organisation)
    return f"{_company(organisation)}, as of batch {as_of}, drawn on {drawn_at}."


def imprint_text(imprint: Imprint, organisation: Organisation) -> str:
    """Edition, state of the data and signatures: "Edition 1, as of batch 42, signed by …"."""
    said = [imprint.edition, f"as of batch {imprint.as_of}"]
    if imprint.signatures:
        named = joined(
            f"{one.name} ({one.role}, {_instant(one.signed_at, organisation)})"
            for one in imprint.signatures
        )
        said.append(f"signed by {named}")
    return f"{', '.join(said)}."


def lines_to_sign(imprint: Imprint) -> tuple[str, ...]:
    """Where owners sign on paper; none once they have signed."""
    if imprint.signatures:
        return ()
    return tuple(f"{role} {_LINE_TO_SIGN}" for role in ("IT owner", "Business owner"))


def _company(organisation: Organisation) -> str:
    return f"{organisation.name}{' (sample data)' if organisation.is_sample else ''}"


def _instant(at: datetime, organisation: Organisation) -> str:
    local = at.astimezone(organisation.zone)
    return f"{day_text(local.date())} {local:%H:%M}"
