"""Sources: what is known of each, templates to start from, and recipes to share and to add."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from kpi_engine.actors import Actor
from kpi_engine.catalogue.load import BrokenCatalogueError
from kpi_engine.errors import ScorecardError
from kpi_engine.services import recipes, templates
from kpi_engine.services.import_results import Preview
from kpi_engine.services.recipes import Offered
from kpi_engine.services.sources import known_sources, read_source
from kpi_engine.terms import BatchKind, Role, Severity
from kpi_engine.workspace import Workspace
from pages.ui.messages import sentence
from pages.ui.text import esc

_SOURCE, _MEASURE = "source", "measure"
_YAML = (".yaml", ".yml")
TYPES = ["yaml", "yml"]
"""Ends of the names of recipes."""


def look_up(ws: Workspace, *, today: date) -> None:
    """What is known of a source or a measure, and a table to fill in."""
    known = {(_SOURCE, name): label for name, label in known_sources(ws)}
    known |= {(_MEASURE, m.id): m.label for m in templates.stated_metrics(ws)}
    chosen = st.selectbox(
        "Templates: a table to fill in for any source or measure",
        list(known),
        index=None,
        format_func=lambda one: f"{known[one]} ({one[0]})",
        placeholder="Type a name, such as Jira or availability",
        key="look-up",
    )
    if chosen is None:
        return
    kind, name = chosen
    if kind == _MEASURE:
        metric = ws.catalogue.metric(name)
        st.caption(esc(f"{metric.sentence} Write numbers where the two rows say what to write."))
        _download(templates.metric_template(ws, name, today=today), name.partition(".")[2])
        return
    st.caption("The two rows are made up: put yours in their place.")
    _download(templates.source_template(ws, name, today=today), name)
    _about(ws, name)


def _download(text: str, name: str) -> None:
    st.download_button(
        "Download the template",
        text.encode("utf-8-sig"),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def about(ws: Workspace, preview: Preview) -> None:
    """What is known of the source a file came from, folded away."""
    if preview.kind is BatchKind.IMPORT:
        with st.expander("About this kind of file", key=f"about-{preview.token}"):
            _about(ws, preview.recipe)


def _about(ws: Workspace, recipe: str) -> None:
    source = read_source(ws, recipe)
    if source.feeds:
        st.markdown(f"**What it feeds.** {esc(', '.join(source.feeds))}.")
    if source.traps:
        traps = "\n".join(f"- {esc(trap)}" for trap in source.traps)
        st.markdown(f"**What to know, and what is known to go wrong.**\n{traps}")
    st.download_button(
        "Download its recipe",
        recipes.recipe_text(ws, recipe).encode(),
        file_name=f"{recipe}.yaml",
        mime="application/yaml",
        on_click="ignore",
        help="How files of this kind are read, as text that can be changed and added again: "
        "drop it here like a file.",
    )


def save_as_recipe(ws: Workspace, preview: Preview) -> None:
    """How this file was read as a recipe of its own, to be shared or added."""
    if preview.kind is not BatchKind.IMPORT:
        return
    with st.expander("Save as a recipe", key=f"recipe-{preview.token}"):
        st.caption(
            "How this file was read, with your columns, decimals, dates and time zone, as a kind "
            "of file of its own. It holds names of columns and no row of the file. Drop it on "
            "this page, here or elsewhere, and files with these columns are recognised."
        )
        with st.form(f"recipe-form-{preview.token}", border=False):
            label = st.text_input("Name", placeholder="Help desk of the Turin office").strip()
            name = st.text_input(
                "Short name",
                placeholder="Made from the name",
                help="Small letters, digits and underscores. It never changes.",
            ).strip()
            wants = st.form_submit_button("Make the recipe")
        if wants and not label:
            st.error("**It has no name.** Give it one that others understand.", icon=None)
        elif wants:
            _offer_made(ws, preview, name=name or _short(label), label=label)


def _short(label: str) -> str:
    """A name that a recipe may have: ``Help desk, Turin`` is help_desk_turin."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


def _offer_made(ws: Workspace, preview: Preview, *, name: str, label: str) -> None:
    try:
        text = recipes.save_as_recipe(ws, preview, name=name, label=label)
    except ScorecardError as error:
        _explain(error)
        return
    st.download_button(
        f"Download {name}.yaml",
        text.encode(),
        file_name=f"{name}.yaml",
        mime="application/yaml",
        on_click="ignore",
        type="primary",
    )


def _explain(error: ScorecardError) -> None:
    """Why a recipe cannot be used: every mistake of it, with its place."""
    if not isinstance(error, BrokenCatalogueError):
        st.error(sentence(error), icon=None)
        return
    wrong = [found for found in error.findings if found.severity is Severity.ERROR]
    lines = "\n".join(f"- {esc(found.place)}: {esc(found.sentence)}" for found in wrong)
    count = "1 mistake" if len(wrong) == 1 else f"{len(wrong)} mistakes"
    st.error(f"**This recipe has {count}. Nothing was added.**\n{lines}", icon=None)


def take_recipes(
    ws: Workspace, files: Sequence[UploadedFile], *, actor: Actor
) -> list[UploadedFile]:
    """Offer to add the recipes among dropped files.

    Returns:
        The other files.
    """
    for file in files:
        if file.name.lower().endswith(_YAML):
            _offer(ws, file, actor=actor)
    return [file for file in files if not file.name.lower().endswith(_YAML)]


def _offer(ws: Workspace, file: UploadedFile, *, actor: Actor) -> None:
    """A recipe that was dropped: added, to be added, or wrong."""
    content = file.getvalue()
    try:
        offered = recipes.check_recipe(ws, file.name, content)
        if not offered.is_known and _may_add(offered, file, actor=actor):
            recipes.add_recipe(ws, file.name, content, actor=actor, now=datetime.now(UTC))
            st.rerun()
    except ScorecardError as error:
        _explain(error)
        return
    if offered.is_known:
        known = f"**{esc(offered.label)} is a kind of file here.** Files of it are recognised now."
        st.success(known, icon=None)


def _may_add(offered: Offered, file: UploadedFile, *, actor: Actor) -> bool:
    st.markdown(
        f"**{esc(file.name)} is a recipe: {esc(offered.label)}, version {offered.version}.** "
        "It has no mistakes. Once it is added, everybody's files of this kind are read by it."
    )
    if not actor.roles & {Role.STEWARD, Role.ADMIN}:
        st.caption("Somebody with the role steward can add it.")
        return False
    return st.button("Add this kind of file", type="primary", key=f"add-{file.file_id}")
