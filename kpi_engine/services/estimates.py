"""What own data say of all links at one tick: kept in the store, worked out where it is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from pydantic import TypeAdapter

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.job import check_cancelled
from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.grading import Finding, strong_among_many
from kpi_engine.mapping.influence.link_estimate import LinkEstimate, OutcomeEstimate
from kpi_engine.services.estimating import estimate_links
from kpi_engine.services.look import Look
from kpi_engine.services.problems import influences, needed_tracks
from kpi_engine.services.tracks import TrackBook
from kpi_engine.store.engine import write
from kpi_engine.store.estimates import forget, keep, read_kept, read_kept_names
from kpi_engine.workspace import Workspace

METHOD = "2"
"""Changes whenever the way of estimating does, so that what was kept is worked out again."""

_ANSWER: TypeAdapter[tuple[OutcomeEstimate, ...]] = TypeAdapter(tuple[OutcomeEstimate, ...])

Progress = Callable[[int, int, str], None]
"""Called with outcomes done, outcomes in all, and the label of the outcome at work."""


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """What own data say at one tick.

    Attributes:
        of_outcome: By outcome, one estimate a grain; only those that are worked out.
        missing: Outcomes with influences that are not worked out yet.
    """

    of_outcome: Mapping[str, tuple[OutcomeEstimate, ...]]
    missing: tuple[str, ...]

    def of_link(self, outcome: str, link: str) -> tuple[OutcomeEstimate, LinkEstimate] | None:
        """One link's estimate with the model it stands in; None where there is none."""
        models = self.of_outcome.get(outcome, ())
        found = [(model, one) for model in models if (one := model.of(link)) is not None]
        asked = [pair for pair in found if pair[1].is_asked]
        return next(iter(asked or found), None)

    def model(self, outcome: str) -> OutcomeEstimate | None:
        """The model by the finest grain that says anything about an outcome."""
        models = self.of_outcome.get(outcome, ())
        return next((model for model in models if not model.too_short), None)


NO_ESTIMATES = Estimates(of_outcome={}, missing=())


def estimated_outcomes(catalogue: Catalogue) -> tuple[str, ...]:
    """Outcomes of which some influence is declared, in the order of the catalogue."""
    outcomes = dict.fromkeys(link.outcome for link in catalogue.links.values())
    return tuple(name for name in outcomes if influences(catalogue, name))


def read_estimates(look: Look) -> Estimates:
    """What is worked out at the tick looked at. Nothing is worked out here."""
    kept = read_kept(look.conn, as_of=look.as_of, fingerprint=_fingerprint(look.catalogue))
    wanted = estimated_outcomes(look.catalogue)
    found = {name: _ANSWER.validate_json(kept[name]) for name in wanted if name in kept}
    return Estimates(
        of_outcome=_strong_among_all(found),
        missing=tuple(name for name in wanted if name not in kept),
    )


def _strong_among_all(
    found: Mapping[str, tuple[OutcomeEstimate, ...]],
) -> dict[str, tuple[OutcomeEstimate, ...]]:
    """Links that are strong by themselves only, because so many were looked at, are seen."""
    asked = [
        one for models in found.values() for model in models for one in model.links if one.is_asked
    ]
    stays = strong_among_many([one.p for one in asked], config=DEFAULT_GRADING)
    lucky = {
        one.link
        for one, is_strong in zip(asked, stays, strict=True)
        if one.finding is Finding.STRONG and not is_strong
    }
    if not lucky:
        return dict(found)

    def settled(model: OutcomeEstimate) -> OutcomeEstimate:
        links = (
            replace(one, finding=Finding.SEEN) if one.link in lucky else one for one in model.links
        )
        return replace(model, links=tuple(links))

    return {name: tuple(map(settled, models)) for name, models in found.items()}


def missing_estimates(ws: Workspace, *, as_of: int | None = None) -> tuple[str, ...]:
    """Outcomes whose links are not worked out at a tick; None for the newest."""
    tick = ws.newest() if as_of is None else as_of
    with ws.reading() as conn:
        kept = read_kept_names(conn, as_of=tick, fingerprint=_fingerprint(ws.catalogue))
    return tuple(name for name in estimated_outcomes(ws.catalogue) if name not in kept)


def estimate_all(
    ws: Workspace, *, as_of: int | None = None, progress: Progress | None = None
) -> None:
    """Work out what is missing at a tick, outcome by outcome, and keep each at once.

    Args:
        ws: Where the data and the definitions are.
        as_of: Tick; None for the newest.
        progress: Told before each outcome, and once when all is done.

    Raises:
        CancelledError: Somebody cancelled the job that this is part of.
    """
    catalogue = ws.catalogue
    tick = ws.newest() if as_of is None else as_of
    missing = missing_estimates(ws, as_of=tick)
    if not missing:
        return
    with ws.reading() as conn:
        look = Look(conn=conn, catalogue=catalogue, as_of=tick)
        book = TrackBook(look=look, asked=needed_tracks(catalogue))
        for done, outcome in enumerate(missing):
            check_cancelled()
            if progress:
                progress(done, len(missing), catalogue.metric(outcome).label)
            answer = _ANSWER.dump_json(estimate_links(look, outcome, book=book)).decode()
            kept = partial(
                keep,
                as_of=tick,
                fingerprint=_fingerprint(catalogue),
                outcome=outcome,
                answer=answer,
            )
            write(ws.engine, kept)
    if as_of is None:
        write(ws.engine, partial(forget, keep_ticks=[tick]))
    if progress:
        progress(len(missing), len(missing), "")


def _fingerprint(catalogue: Catalogue) -> str:
    return f"{catalogue.fingerprint}:{METHOD}"
