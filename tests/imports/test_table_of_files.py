"""docs/imports.md says what becomes of each file, and it is what becomes of it."""

import pytest

from tests.imports.table_of_files import OURS, PAGE, PUBLIC, SECTIONS, section, tell

FOLDERS = [
    (title, folder)
    for title, folder in zip(SECTIONS, (OURS, PUBLIC), strict=True)
    if folder.exists()
]


@pytest.mark.parametrize(("title", "folder"), FOLDERS, ids=[title for title, _ in FOLDERS])
def test_the_page_says_what_becomes_of_each_file_and_of_every_row(title, folder):
    told = list(tell(folder))
    assert section(title, told) in PAGE.read_text(encoding="utf-8")
    previews = [one.preview for one in told if one.preview is not None]
    assert previews
    for preview in previews:
        assert preview.rows_read == sum(preview.counts.values()), preview.file_name
