"""Two measures side by side, in words: at which delay, whether more than chance, what is known."""

from collections.abc import Sequence

from kpi_engine.catalogue.links import Link
from kpi_engine.maths.intervals import Estimate
from kpi_engine.maths.lagged import FEWEST_POINTS, LagPoint
from kpi_engine.services.pairs import Pair, Standing
from kpi_engine.terms import Grain
from kpi_engine.units import MINUS, format_change, format_step, lower_first, telling_decimals
from kpi_engine.words.explore import GRAINS
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
    return f"{GRAINS[pair.grain][1]} by which {_ends(pair)[1]} comes later"


def start_text(pair: Pair) -> str:
    """Which delay is looked at, where a link asks for one that is not here."""
    if pair.scan is not None and pair.scan.is_more_than_chance(pair.scan.clearest):
        return "the delay at which the two go together most"
    return f"a delay of {pair.lag} {_periods(pair.grain, abs(pair.lag))}"


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
        f"{said} {more} more of {_ends(pair)[0]} goes with {text(effect.mid)} "
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
            f"Declared: {_declared(pair, one.link)}, delay {felt_after(one.link.lag_days)}. "
            f"Evidence {EVIDENCE[one.grade]} ({one.grade.value}): {EVIDENCE_MEANING[one.grade]}. "
            "What it comes to stands on the outcome's page."
            for one in links
        )
    return f"{said} Here: {pair.periods} {_periods(pair.grain, pair.periods)}. {NO_PROOF}"


def _declared(pair: Pair, link: Link) -> str:
    is_first = link.driver == pair.driver.id
    ends, drawn = _ends(pair), pair.segments[0 if is_first else 1]
    first, second = ends if is_first else reversed(ends)
    if not link.driver_segment:
        return f"{first} moves {second}"
    if drawn:
        return f"{first} moves {second} (drawn here as it is declared)"
    name = ", ".join([first, *link.driver_segment.values()])
    return f"{name}, moves {second} (drawn here: {first} of everything)"


def _ends(pair: Pair) -> tuple[str, str]:
    """Both measures within a sentence; a segment is set off by commas."""
    first, second = (
        f"{lower_first(metric.label)}{',' if segment else ''}"
        for metric, segment in zip((pair.driver, pair.outcome), pair.segments, strict=True)
    )
    return first, second


def _sentence(pair: Pair, point: LagPoint, *, most: bool) -> str:
    one, two = _ends(pair)
    if pair.scan is None:
        return ""
    way = "in the same direction" if point.correlation > 0 else "in opposite directions"
    r = f"{point.correlation:+.2f}".replace("-", MINUS)
    delay = _delay(point.lag, pair.grain)
    if pair.scan.is_more_than_chance(point):
        return (
            f"{one[:1].upper()}{one[1:]} and {two} move **{way}**"
            f"{' most clearly' if most else ''} **{delay}** (r = {r}). This is more than chance."
        )
    if most:
        return (
            f"At no delay do {one} and {two} move together more than chance would "
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
