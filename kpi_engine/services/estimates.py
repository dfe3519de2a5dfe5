"""What own data say of all links at one tick: kept in the store, worked out where it is missing."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import sqlalchemy as sa
from pydantic import TypeAdapter

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.job import check_cancelled
from kpi_engine.mapping.influence.config import DEFAULT_GRADING
from kpi_engine.mapping.influence.grading import Finding, strong_among_many
from kpi_engine.mapping.influence.link_estimate import LinkEstimate, OutcomeEstimate
from kpi_engine.mapping.influence.record import Entry, TrackRecord, track_record
from kpi_engine.services.closed_months import ClosedMonths
from kpi_engine.services.estimating import digest_of, estimate_links
from kpi_engine.services.fitting import FitBook
from kpi_engine.services.forecasting import Forecaster
from kpi_engine.services.look import Look
from kpi_engine.services.problems import gather, gather_counted, needed_tracks
from kpi_engine.services.track_records import entries_of
from kpi_engine.services.tracks import TrackBook
from kpi_engine.store.engine import write
from kpi_engine.store.estimates import forget, keep, read_kept, read_kept_names, read_kept_of
from kpi_engine.store.predictions import Prediction, add_predictions, read_predictions
from kpi_engine.terms import LinkKind
from kpi_engine.workspace import Workspace

METHOD = "9"
"""Changes whenever the way of estimating does, so that what was kept is worked out again."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What is kept of one outcome: its models, and its forecasts as far as they have come true.

    Attributes:
        inputs: Digest of the numbers that the models are of; empty where it is not known.
    """

    models: tuple[OutcomeEstimate, ...]
    entries: tuple[Entry, ...]
    inputs: str = ""


_ANSWER: TypeAdapter[_Answer] = TypeAdapter(_Answer)

Progress = Callable[[int, int, str], None]
"""Called with outcomes done, outcomes in all, and the label of the outcome at work."""


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """What own data say at one tick.

    Attributes:
        of_outcome: By outcome, one estimate a grain; only those that are worked out.
        missing: Outcomes with influences that are not worked out yet.
        entries: By outcome, every forecast with what came.
    """

    of_outcome: Mapping[str, tuple[OutcomeEstimate, ...]]
    missing: tuple[str, ...]
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

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

    def forecasts_of(self, outcome: str, link: str) -> tuple[Entry, ...]:
        """One link's forecasts of an outcome, oldest month first; its own past's for no link."""
        return tuple(one for one in self.entries.get(outcome, ()) if one.link == link)

    def record_of(self, outcome: str, link: str) -> TrackRecord:
        """What one link's forecasts amount to."""
        return track_record(self.forecasts_of(outcome, link))


NO_ESTIMATES = Estimates(of_outcome={}, missing=())


def estimated_outcomes(catalogue: Catalogue) -> tuple[str, ...]:
    """Outcomes that have drivers to be estimated or counted, in the order of the catalogue."""
    return tuple(
        dict.fromkeys(
            link.outcome
            for link in catalogue.links.values()
            if link.sign != 0 and link.kind is not LinkKind.IDENTITY
        )
    )


def read_estimates(look: Look) -> Estimates:
    """What is worked out at the tick looked at. Nothing is worked out here."""
    kept = read_kept(look.conn, as_of=look.as_of, fingerprint=_fingerprint(look.catalogue))
    wanted = estimated_outcomes(look.catalogue)
    answers = {name: _ANSWER.validate_json(kept[name]) for name in wanted if name in kept}
    models = {name: answer.models for name, answer in answers.items()}
    return Estimates(
        of_outcome=_strong_among_all(models),
        missing=tuple(name for name in wanted if name not in kept),
        entries={name: answer.entries for name, answer in answers.items()},
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
        asked = needed_tracks(catalogue)
        book, closed = TrackBook(look=look, asked=asked), ClosedMonths(look=look, keys=asked)
        is_newest = as_of is None or tick == ws.newest()
        for done, outcome in enumerate(missing):
            check_cancelled()
            if progress:
                progress(done, len(missing), catalogue.metric(outcome).label)
            try:
                answer, made = _worked_out(outcome, book, closed, is_newest=is_newest)
                text = _ANSWER.dump_json(answer).decode()
                _ANSWER.validate_json(text)  # what cannot be read again must not be kept
            except (ArithmeticError, ValueError):  # LinAlgError and ValidationError are ValueErrors
                _LOG.exception("links into %s could not be estimated", outcome)
                made, text = (), _ANSWER.dump_json(_Answer(models=(), entries=())).decode()
            kept = partial(
                keep,
                as_of=tick,
                fingerprint=_fingerprint(catalogue),
                outcome=outcome,
                answer=text,
            )
            write(ws.engine, partial(_keep_both, keep_answer=kept, made=made))
    if as_of is None:
        write(ws.engine, partial(forget, keep_ticks=[tick]))
    if progress:
        progress(len(missing), len(missing), "")


def _worked_out(
    outcome: str, book: TrackBook, closed: ClosedMonths, *, is_newest: bool
) -> tuple[_Answer, tuple[Prediction, ...]]:
    """One outcome's answer, and the forecasts that nobody had made yet.

    They are made at the newest tick only: at an earlier one it would be known what came.
    """
    look = book.look
    fits = FitBook()
    problems = gather(look, outcome, book=book, grading=fits.grading)
    counted = gather_counted(look, outcome, book=book, grading=fits.grading, beside=problems)
    metric = look.catalogue.metric(outcome)
    kept = read_predictions(look.conn, as_of=look.as_of, outcome=outcome)
    made: tuple[Prediction, ...] = ()
    if is_newest:
        forecaster = Forecaster(
            look=look,
            outcome=metric,
            problems=(*problems, *counted),
            book=book,
            closed=closed,
            fits=fits,
        )
        made = forecaster.missing(kept)
    inputs = digest_of(problems, book=book, grading=fits.grading)
    models = _models_of_before(outcome, inputs, look)
    if models is None:
        models = estimate_links(problems, book=book, fits=fits)
    entries = entries_of(metric, [*kept, *made], book=book, closed=closed)
    return _Answer(models=models, entries=entries, inputs=inputs), made


def _models_of_before(outcome: str, inputs: str, look: Look) -> tuple[OutcomeEstimate, ...] | None:
    """What an answer of another tick, or from before an edit, says of the same; None without."""
    kept = read_kept_of(look.conn, outcome=outcome, fingerprint=f":{METHOD}")
    answers = map(_ANSWER.validate_json, kept)
    return next((one.models for one in answers if one.inputs == inputs), None)


def _keep_both(
    connection: sa.Connection,
    *,
    keep_answer: Callable[[sa.Connection], None],
    made: Sequence[Prediction],
) -> None:
    add_predictions(connection, made)
    keep_answer(connection)


def _fingerprint(catalogue: Catalogue) -> str:
    return f"{catalogue.fingerprint_of_numbers}:{METHOD}"
