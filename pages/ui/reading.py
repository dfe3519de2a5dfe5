"""How a file is read, put right by somebody who knows it better: kind, columns, marks, dates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from zoneinfo import available_timezones

import pandas as pd
import streamlit as st

from kpi_engine.errors import ImportRejectedError, UnknownHeaderError
from kpi_engine.imports.overrides import Overrides
from kpi_engine.services import sources
from kpi_engine.services.import_results import Preview
from kpi_engine.terms import RowFate
from kpi_engine.workspace import Workspace

UNUSED = "–"
"""Stands for a column that means nothing here."""
_ENCODINGS = ("utf-8", "windows-1252", "utf-16", "iso8859-1", "iso8859-2", "cp1251", "cp932")
_DELIMITERS = {"": "As found", ",": "Commas", ";": "Semicolons", "\t": "Tabs", "|": "Bars"}
_DECIMALS = {"": "As found", ".": "Point: 1,234.5", ",": "Comma: 1.234,5"}
_ORDERS = {None: "As found", True: "Day first: 31/12", False: "Month first: 12/31"}

Choice = TypeVar("Choice")
Wish = tuple[str | None, Overrides]
"""The kind a file is to be read as, and what was said about it."""


def ask_again(ws: Workspace, refused: UnknownHeaderError, tried: Wish, *, key: str) -> Wish | None:
    """What a file is that no source claims, once somebody has said it.

    Args:
        ws: The workspace.
        refused: Why it was refused.
        tried: What was said about it before.
        key: Of the file.
    """
    labels = dict(sources.known_sources(ws))
    recipe = st.selectbox(
        "This file is",
        list(labels),
        index=list(labels).index(tried[0]) if tried[0] in labels else None,
        format_func=labels.__getitem__,
        placeholder="Type a name, such as Jira or survey",
        key=f"kind-{key}",
    )
    if recipe is None:
        return None
    place = f"map-{key}-{'|'.join(refused.header)}"
    named = _mapping_editor(ws, recipe, refused.header, _samples(refused), {}, key=place)
    if st.button("Try again", type="primary", key=f"again-{key}"):
        return recipe, replace(tried[1], columns=named)
    return None


def _samples(refused: UnknownHeaderError) -> list[str]:
    first = refused.samples[0] if refused.samples else ()
    return [first[at] if at < len(first) else "" for at in range(len(refused.header))]


def replaces(preview: Preview) -> Wish | None:
    """Whether the file is all that its source has for its days, once somebody says otherwise."""
    now = preview.overrides.replaces
    return _other_way(
        preview,
        "It is only a part: keep the rest" if now else "It is complete: take out the rest",
        replace(preview.overrides, replaces=not now),
        help_text="For exports that hold everything of a time, such as all tickets opened in "
        "October. The rest is what the same source brought earlier for the days of this file, from "
        "its first to its last, and what is not in it. It then stops counting. What other sources "
        "brought stays.",
    )


def adds(ws: Workspace, preview: Preview) -> Wish | None:
    """Whether rows about the same number are parts of it, once somebody says otherwise."""
    now = preview.overrides.adds
    is_table = ws.catalogue.recipes[preview.recipe].type != "events"
    if not is_table or not (now or preview.counts[RowFate.DUPLICATE]):
        return None
    return _other_way(
        preview,
        "Let the last row count" if now else "Add repeated rows up",
        replace(preview.overrides, adds=not now),
        help_text="For tables with several rows a month, such as one a supplier or a product: the "
        "rows of the same measure, part and period are parts of one number. This is remembered for "
        "the next file with these columns.",
    )


def _other_way(preview: Preview, label: str, said: Overrides, *, help_text: str) -> Wish | None:
    """The file read with one thing said differently, once the button is pressed."""
    if not st.button(label, help=help_text, key=f"{label}-{preview.token}"):
        return None
    return preview.recipe if preview.is_named else None, said


def columns_editor(ws: Workspace, preview: Preview) -> Wish | None:
    """How each column was understood; another meaning is tried at the press of a button."""
    meant = {c.meaning: c.column for c in preview.columns if c.meaning}
    named = _mapping_editor(
        ws,
        preview.recipe,
        [column.column for column in preview.columns],
        [", ".join(column.samples) for column in preview.columns],
        {column.column: column.meaning for column in preview.columns},
        key=f"columns-{preview.token}",
        how=[_how(column.how, column.empty) for column in preview.columns],
    )
    if named == meant:
        return None
    changed = {field: named.get(field, "") for field in {*named, *meant}}
    changed = {f: c for f, c in changed.items() if meant.get(f, "") != c}
    if st.button("Read again with these columns", type="primary", key=f"remap-{preview.token}"):
        columns = {**preview.overrides.columns, **changed}
        return preview.recipe, replace(preview.overrides, columns=columns)
    return None


def _how(how: str, empty: float) -> str:
    return f"{how}, {empty:.0%} empty" if empty >= 0.005 else how


def _mapping_editor(
    ws: Workspace,
    recipe: str,
    header: Sequence[str],
    samples: Sequence[str],
    meant: Mapping[str, str],
    *,
    key: str,
    how: Sequence[str] | None = None,
) -> dict[str, str]:
    """A table of the columns whose meanings can be changed; field to column as it now stands."""
    labels = sources.meanings(ws, recipe)
    fields = {label: field for field, label in labels.items()}
    frame = pd.DataFrame(
        {
            "In your file": list(header),
            "Means": [labels.get(meant.get(name, ""), UNUSED) for name in header],
            "For example": list(samples),
        }
    )
    if how is not None:
        frame["How matched"] = list(how)
    shown = st.data_editor(
        frame,
        hide_index=True,
        disabled=[name for name in frame.columns if name != "Means"],
        column_config={
            "In your file": st.column_config.TextColumn(width=120),
            # The editor takes the first of those that contain what is typed: a name typed in full
            # must come before the longer ones that it is part of.
            "Means": st.column_config.SelectboxColumn(
                options=[UNUSED, *sorted(fields, key=len)], required=True, width=155
            ),
            "For example": st.column_config.TextColumn(width=150),
            "How matched": st.column_config.TextColumn(width=120),
        },
        key=f"{key}-{recipe}",
        alt="How each column is understood",
    )
    pairs = zip(shown["Means"], shown["In your file"], strict=True)
    return {fields[label]: column for label, column in pairs if label in fields}


def read_differently(ws: Workspace, preview: Preview) -> Wish | None:
    """Decisions that somebody may take otherwise, folded away as long as nobody wants to."""
    said = replace(preview.overrides, table=preview.table)
    return _decisions(ws, preview.recipe, said, preview.tables, key=preview.token)


def read_refused(
    ws: Workspace, refused: ImportRejectedError, tried: Wish, *, key: str
) -> Wish | None:
    """How a file that was refused is to be read, once somebody has said it."""
    recipe, said = tried
    return _decisions(ws, recipe, said, refused.tables, key=key)


def _decisions(
    ws: Workspace, found: str | None, said: Overrides, tables: Sequence[str], *, key: str
) -> Wish | None:
    """The form of everything that is otherwise decided from the file."""
    labels = dict(sources.known_sources(ws))
    with (
        st.expander("Read it differently", key=f"differently-{key}"),
        st.form(f"read-{key}", border=False),
    ):
        recipe = st.selectbox(
            "Kind of file",
            list(labels),
            index=list(labels).index(found) if found in labels else None,
            format_func=labels.__getitem__,
            placeholder="As found",
        )
        table: str | None = said.table
        if len(tables) > 1:
            table = st.selectbox(
                "Table in the file",
                tables,
                index=list(tables).index(said.table) if said.table in tables else None,
                placeholder="As found",
            )
        left, right = st.columns(2)
        with left:
            delimiter = _choice("Between cells stand", _DELIMITERS, said.delimiter)
            decimal = _choice("Decimals", _DECIMALS, said.decimal)
            day_first = _choice("Dates", _ORDERS, said.day_first)
        with right:
            encoding = st.selectbox(
                "Character set",
                _ENCODINGS,
                index=_ENCODINGS.index(said.encoding) if said.encoding in _ENCODINGS else None,
                placeholder="As found",
            )
            zones = sorted(available_timezones())
            zone = st.selectbox(
                "Times are those of",
                zones,
                index=zones.index(said.time_zone) if said.time_zone in zones else None,
                placeholder="As found",
            )
            line = st.number_input(
                "Column names are on line", min_value=0, value=said.header_line, help="0: as found"
            )
        if not st.form_submit_button("Read again"):
            return None
    same_kind = recipe == found
    return recipe, replace(
        said,
        table=table or "",
        delimiter=delimiter,
        decimal=decimal,
        day_first=day_first,
        encoding=encoding or "",
        time_zone=zone or "",
        header_line=int(line),
        columns=said.columns if same_kind else {},
    )


def _choice(label: str, options: Mapping[Choice, str], chosen: Choice) -> Choice:
    keys = list(options)
    return st.selectbox(
        label,
        keys,
        index=keys.index(chosen) if chosen in keys else 0,
        format_func=options.__getitem__,
    )
