"""How a metric is worked out, in words and signs a reader can check by hand."""

from kpi_engine.catalogue.catalogue import Catalogue
from kpi_engine.catalogue.events import SpanMinutes
from kpi_engine.catalogue.metrics import Measure, Metric
from kpi_engine.terms import Fold
from kpi_engine.units import lower_first

_IMPORTED = {
    Fold.SUM: "sum of the imported numbers",
    Fold.LAST: "the last imported number of the period",
    Fold.RATIO: "sum of imported numerators ÷ sum of imported denominators",
    Fold.WEIGHTED_MEAN: "mean of the imported numbers, weighted by what they rest on",
    Fold.MEDIAN: "the imported median",
    Fold.QUANTILE: "the imported quantile",
}


def formula(metric: Metric, catalogue: Catalogue) -> str:
    """The measure of a metric as one line.

    Counters read as the thing counted with what is counted of it in brackets: tickets (reopened);
    minutes of a state as their label: minutes up.
    """
    measure = metric.measure
    if metric.worked_out:  # availability by demand, of which outages take a part
        return "1 − orders expected in outages ÷ all orders expected"
    if measure.numerator and measure.denominator:
        return _paired(measure, catalogue)
    if measure.value is None:
        return _IMPORTED[measure.fold]
    value = _part(measure.value, catalogue)
    if measure.fold is Fold.SUM:
        return f"sum of {value}" + (" ÷ weeks of the period" if measure.per_week else "")
    if measure.fold is Fold.LAST:
        return f"{value} at the end of the period"
    if measure.fold is Fold.MEDIAN:
        return f"median of {value}"
    return f"{measure.quantile or 0:.0%} of {value} lie at or below it".replace("%", " %")


def _paired(measure: Measure, catalogue: Catalogue) -> str:
    upper = _part(measure.numerator or "", catalogue)
    if measure.numerator_minus:
        upper = f"({upper} − {_part(measure.numerator_minus, catalogue)})"
    text = f"{upper} ÷ {_part(measure.denominator or '', catalogue)}"
    if measure.complement:
        text = f"1 − {text}"
    if measure.minus_one:
        text = f"{text} − 1"
    if measure.scale == 1.0:
        return text
    return f"{text} × {measure.scale:g}" if measure.scale > 1 else f"{text} ÷ {1 / measure.scale:g}"


def _part(name: str, catalogue: Catalogue) -> str:
    if name in catalogue.metrics:
        return catalogue.metrics[name].label
    kind, _, counter = name.partition(".")
    counted = catalogue.events[kind].counters[counter]
    if isinstance(counted, SpanMinutes) and counted.label:
        return lower_first(counted.label)
    return f"{catalogue.events[kind].plural} ({counter.replace('_', ' ')})"
