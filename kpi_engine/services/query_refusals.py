"""Why a query is not answered, in words, and what to do about it."""

from collections.abc import Iterable
from difflib import get_close_matches

from kpi_engine.errors import QueryRefusedError
from kpi_engine.store.querying import Found, Limits

_SMALLER = "Ask for fewer months or columns, or add up before you join."
_SAID = {
    "empty": ("There is no query.", "Write a SELECT, or take one of the examples."),
    "several": (
        "There is more than one statement; one at a time is run.",
        "Leave one SELECT and take out the others.",
    ),
    "pivot": (
        "PIVOT has to be told which columns to make.",
        "Name them: PIVOT readings ON grain IN ('month', 'year') USING max(value).",
    ),
    "statement": (
        "{said} is refused: queries read, they change and set nothing.",
        "Start with SELECT, WITH or FROM.",
    ),
    "function": (
        "The function {said} is refused: queries read the views, no files and no settings.",
        "Use the views and functions of values.",
    ),
    "files": (
        "Files are refused: queries read the views and nothing else.",
        "Add the file's numbers on the page Add data, then they are in the views.",
    ),
    "time": ("The query took longer than {seconds:g} s and was stopped.", _SMALLER),
    "memory": (
        "The query needed more memory than the {memory} MB it may take, and was stopped.",
        _SMALLER,
    ),
    "large": (
        "A single row of the answer is larger than the {result} MB of text that may come back.",
        "Ask for fewer columns, or for less of a long text: left(text, 1000).",
    ),
    "busy": ("Other queries are being answered.", "Try again in a moment."),
    "long": ("The query is longer than {text:,} characters.", "Shorten it."),
}


def refusal(found: Found, *, views: Iterable[str], limits: Limits) -> QueryRefusedError:
    """What to raise for a query that was not answered."""
    if found.refused == "typing":
        first, _, rest = found.said.partition("\n")
        said = (first.partition(": ")[2] or first).rstrip(".!")
        return QueryRefusedError(
            f"DuckDB says: {said}.",
            hint="Correct the query and run it again.",
            detail=rest.strip("\n"),
        )
    if found.refused == "view":
        names = sorted(views)
        close = () if "." in found.said else get_close_matches(found.said, names, n=1)
        if close:
            return QueryRefusedError(
                f"There is no view called '{found.said}'.", hint=f"Did you mean '{close[0]}'?"
            )
        return QueryRefusedError(
            f"Only the documented views can be read, and '{found.said}' is none of them.",
            hint=f"There are {', '.join(names)}.",
        )
    message, hint = _SAID[found.refused]
    values = {
        "said": found.said,
        "seconds": limits.seconds,
        "memory": limits.memory_mb,
        "result": limits.result_mb,
    }
    return QueryRefusedError(message.format(text=limits.text, **values), hint=hint)
