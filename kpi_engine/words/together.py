"""Two measures side by side, in words: at which delay, whether more than chance, what is known."""

from collections.abc import Sequence

from kpi_engine.catalogue.links import Link
from kpi_engine.catalogue.metrics import Metric
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.lagged import FEWEST_POINTS, LagPoint
from kpi_engine.services.pairs import Pair, Standing
from kpi_engine.terms import Grain
from kpi_engine.units import MINUS, format_change, format_step, lower_first, telling_decimals
from kpi_engine.words.explore import GRAINS, name_of
from kpi_engine.words.judgement import EVIDENCE, EVIDENCE_MEANING
from kpi_engine.words.lag import felt_after

TITLE, PAIRS_TITLE = "How long until it is felt", "Period by period"
NO_PROOF = (
    "Moving together is no proof of cause: both may follow a third thing, and of many pairs that "
    "one looks at, some go together by chance."
)


def headline(pair: Pair) -> str:
    """At which delay two measures go together most, and whether that is more than chance."""
    if pair.is_too_short:
        return (
            f"**Too little to compare.** Both have a value in {pair.periods} "
            f"{_periods(pair.grain, pair.periods)}; it takes {FEWEST_POINTS} to tell anything from "
            "chance. Choose shorter periods or a longer time."
        )
    if pair.scan is None:
        return (
            "**Nothing can be compared.** One of them hardly ever moves, or has too many gaps in "
            "this time."
        )
    return _sentence(pair, pair.scan.clearest, most=True)


def here(pair: Pair) -> str:
    """The same of the delay that is looked at, where it is another; else empty."""
    if pair.scan is None or pair.here is None or pair.here == pair.scan.clearest:
        return ""
    return _sentence(pair, pair.here, most=False)


def axis_title(pair: Pair) -> str:
    """What one step of the delays is."""
    return f"{GRAINS[pair.grain][1]} by which {lower_first(pair.outcome.label)} comes later"


def lags_caption(pair: Pair) -> str:
    """What the band is, and what was taken out beforehand."""
    if pair.scan is None:
        return ""
    one = GRAINS[pair.grain][0]
    out = ["trend"]
    if pair.grain is Grain.DAY:
        out.append("weekdays")
    if pair.scan.has_wave:
        out.append("the time of year")
    taken = ", ".join(out)
    return (
        f"Shaded: what chance alone would give 95 times in 100 when {len(pair.scan.points)} delays "
        f"are tried. Each series is first cleared of its {taken} and its own {one}-to-{one} "
        "carry-over."
    )


def pairs_caption(pair: Pair, *, currency: str = "$") -> str:
    """How many pairs, which are new, and what one step of the driver goes with."""
    count = len(pair.points)
    said = f"{count} pairs of {GRAINS[pair.grain][1]}; later ones are darker, the last 5 filled."
    if pair.slope is None:
        return said
    step = pair.driver.natural_step
    effect = Estimate.of(pair.slope.low * step, pair.slope.middle * step, pair.slope.high * step)
    digits = telling_decimals(effect, unit=pair.outcome.unit, decimals=pair.outcome.decimals)

    def text(value: float) -> str:
        return format_change(value, unit=pair.outcome.unit, decimals=digits, currency=currency)

    more = format_step(step, unit=pair.driver.unit, currency=currency)
    return (
        f"{said} {more} more of {lower_first(pair.driver.label)} goes with {text(effect.mid)} "
        f"({text(effect.low)} to {text(effect.high)}) as they stand: trend, time of year "
        "and whatever moves both are still in it, so this is no effect."
    )


def known_text(pair: Pair, links: Sequence[Standing]) -> str:
    """What is declared of the two, how sure that is, and what the charts do not prove."""
    if not links:
        said = (
            "No link is declared between these two, so what is seen here is no link. Links are "
            "agreed beforehand, on the map."
        )
    else:
        said = " ".join(
            f"Declared: {_ends(pair, one.link)}, delay {felt_after(one.link.lag_days)}. "
            f"Evidence {EVIDENCE[one.grade]} ({one.grade.value}): {EVIDENCE_MEANING[one.grade]}. "
            "What it comes to stands on the outcome's page."
            for one in links
        )
    return f"{said} Here: {pair.periods} {_periods(pair.grain, pair.periods)}. {NO_PROOF}"


def _ends(pair: Pair, link: Link) -> str:
    both: list[Metric] = [pair.driver, pair.outcome]
    first, second = both if link.driver == pair.driver.id else reversed(both)
    name = lower_first(name_of(first, dict(link.driver_segment)))
    apart = (
        f" (drawn here: {lower_first(first.label)} of everything)" if link.driver_segment else ""
    )
    return f"{name} moves {lower_first(second.label)}{apart}"


def _sentence(pair: Pair, point: LagPoint, *, most: bool) -> str:
    one, two = pair.driver.label, lower_first(pair.outcome.label)
    if pair.scan is None:
        return ""
    way = "in the same direction" if point.correlation > 0 else "in opposite directions"
    r = f"{point.correlation:+.2f}".replace("-", MINUS)
    delay = _delay(point.lag, pair.grain)
    if pair.scan.is_more_than_chance(point):
        return (
            f"{one} and {two} move **{way}**{' most clearly' if most else ''} **{delay}** "
            f"(r = {r}). This is more than chance."
        )
    if most:
        return (
            f"At no delay do {lower_first(one)} and {two} move together more than chance would "
            f"have it. Most of it is {delay} (r = {r})."
        )
    return f"At the delay looked at, {delay}: r = {r}. This is no more than chance."


def _delay(lag: int, grain: Grain) -> str:
    if lag == 0:
        return f"{'on' if grain is Grain.DAY else 'in'} the same {GRAINS[grain][0]}"
    when = "later" if lag > 0 else "earlier"
    return f"{abs(lag)} {_periods(grain, abs(lag))} {when}"


def _periods(grain: Grain, count: int) -> str:
    return GRAINS[grain][0 if count == 1 else 1]
