"""What holds for files of every kind."""

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from kpi_engine.render.documents.formats import KINDS, Format, document, file_name
from kpi_engine.words.imprint import draft
from tests.factories import scorecard
from tests.marlow_finch import checkout, october

ROOT = Path(__file__).resolve().parents[2]
SAME = tuple(form for form in Format if form is not Format.POWERPOINT)
"""Slides carry the times at which their parts were packed."""


def digests() -> list[str]:
    """What one month comes to in every format."""
    card = scorecard(checkout())
    return [sha256(document(card, form)).hexdigest() for form in SAME]


def test_the_same_month_makes_the_same_bytes_now_and_elsewhere() -> None:
    code = "from tests.documents.test_formats import digests; print(*digests())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TZ": "America/Los_Angeles"},
        capture_output=True,
        text=True,
        check=True,
    )
    here = digests()
    assert digests() == here
    assert elsewhere.stdout.split() == here


def test_every_format_can_be_made() -> None:
    assert set(KINDS) == set(Format)


def test_a_file_is_named_after_month_and_edition() -> None:
    assert file_name(october(), Format.PDF) == "scorecard-2026-10-draft.pdf"
    first = replace(draft(october()), edition="Edition 1")
    assert file_name(october(), Format.EXCEL, first) == "scorecard-2026-10-edition-1.xlsx"
