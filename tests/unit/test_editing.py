"""One entry of a definition file changed: what it says, and that all else stays to the byte."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_engine.catalogue.editing import with_entry
from kpi_engine.catalogue.files import parsed
from kpi_engine.errors import DefinitionError
from kpi_engine.workspace import SHIPPED

TEXT = """\
# What moves what. Ask Ann before you change a lag.
links:
  # The shop first.
  - id: a_to_b   # never changes
    mechanism: When the shop is down, carts cannot be paid.
    # Agreed in March.
    lag_days: [0, 3]   # in days
    review_by: 2027-06-30
    counting:
      kind: lost_orders     # from events
      recovered_share: back
    money: {assumptions: [margin_share], metric: biz.aov}

  # The warehouse, still in doubt.
  - id: c_to_d
    mechanism: "yes"
    lag_days: [0, 14]

targets: []  # none yet
"""


def edited(text: str, key: str, content: Mapping[str, Any], section: str = "links") -> str:
    return with_entry(
        text.encode(), "links.yaml", section=section, key=key, content=content
    ).decode()


def entry(text: str, key: str) -> dict[str, Any]:
    content = parsed(text)[1]
    assert isinstance(content, dict)
    return next(one for one in content["links"] if one["id"] == key)


def test_one_field_changes_one_line_and_every_comment_stays() -> None:
    changed = edited(TEXT, "a_to_b", entry(TEXT, "a_to_b") | {"lag_days": [0, 7]})
    assert changed == TEXT.replace("[0, 3] ", "[0, 7] ")


def test_saying_the_same_again_changes_no_byte() -> None:
    for key in ("a_to_b", "c_to_d"):
        assert edited(TEXT, key, entry(TEXT, key)) == TEXT


def test_a_field_within_a_field_keeps_the_comments_beside_it() -> None:
    said = entry(TEXT, "a_to_b")
    said["counting"] = {"kind": "lost_orders", "recovered_share": "later"}
    changed = edited(TEXT, "a_to_b", said)
    assert changed == TEXT.replace("recovered_share: back", "recovered_share: later")


def test_a_field_taken_out_takes_its_own_remark_along_and_no_other() -> None:
    said = entry(TEXT, "a_to_b")
    del said["mechanism"], said["review_by"]
    changed = edited(TEXT, "a_to_b", said)
    assert "# Agreed in March." in changed
    assert "# in days" in changed
    assert "review_by" not in changed


def test_a_new_entry_stands_at_the_end_of_its_list() -> None:
    added = {"id": "e_to_f", "mechanism": "no", "review_by": date(2028, 1, 31), "lag_days": (0, 1)}
    changed = edited(TEXT, "e_to_f", added)
    block = (
        '\n\n  - id: e_to_f\n    mechanism: "no"\n    review_by: 2028-01-31\n    lag_days: [0, 1]\n'
    )
    assert changed == TEXT.replace("    lag_days: [0, 14]\n", "    lag_days: [0, 14]" + block)


@pytest.mark.parametrize("before", ["", "organisation: {name: Tiny}  # us\n"])
def test_a_file_without_the_list_gets_one(before: str) -> None:
    changed = edited(before, "a", {"id": "a", "label": "One"})
    assert changed.startswith(before)
    assert changed.endswith("links:\n  - id: a\n    label: One\n")


def test_line_ends_and_marks_of_other_systems_stay() -> None:
    raw = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    said = entry(TEXT, "c_to_d") | {"lag_days": [0, 21]}
    changed = with_entry(raw, "links.yaml", section="links", key="c_to_d", content=said)
    assert changed == raw.replace(b"[0, 14]", b"[0, 21]")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("links: [{id: a, label: One}]\n", id="a list on one line"),
        pytest.param("links:\n  - &x\n    id: a\n  - *x\n", id="an entry that others refer to"),
        pytest.param(
            "links:\n  - {id: b, owners: &o {it: Ann}}\n  - {id: a, owners: *o}\n", id="a reference"
        ),
    ],
)
def test_what_cannot_be_changed_safely_is_refused_and_named(text: str) -> None:
    with pytest.raises(DefinitionError, match=r"links\.yaml is written in a way") as refused:
        edited(text, "a", {"id": "a", "label": "Two"})
    assert "Change a in the file itself" in refused.value.hint


@pytest.mark.parametrize(
    ("path", "section"),
    [
        *((path, "links") for path in sorted(SHIPPED.rglob("links.yaml"))),
        *((path, "initiatives") for path in sorted(SHIPPED.rglob("initiatives.yaml"))),
    ],
    ids=lambda value: value.parent.name if isinstance(value, Path) else value,
)
def test_every_shipped_entry_can_be_changed_alone(path: Path, section: str) -> None:
    text = path.read_text()
    content = parsed(text)[1]
    assert isinstance(content, dict)
    for said in content[section]:
        changed = edited(text, said["id"], said | {"note_of_test": "seen"}, section)
        gone = [line for line in text.splitlines() if line not in changed.splitlines()]
        assert gone == [], said["id"]
        assert len(changed.splitlines()) == len(text.splitlines()) + 1


words = st.sampled_from(
    ["no", "1e3", "0x1f", "2027-06-30", "~", "null", "", " a ", "=", "12:30:45"]
)
texts = words | st.text(st.sampled_from("aé #:-'\"[]{}&*!|>%@`,?\\€"), max_size=12)
numbers = st.integers(-1000, 1000) | st.sampled_from([0.0001, -1.5e-7, 1e22, 0.1 + 0.2])
values = texts | numbers | st.booleans()
plain = values | st.lists(values, max_size=3) | st.dictionaries(st.sampled_from("xyz"), values)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["mechanism", "note", "money", "lag_days"]), plain))
def test_whatever_is_written_is_read_back_as_it_was_meant(said: dict[str, Any]) -> None:
    """Both readers: ours, and any other that follows the standard."""
    changed = edited(TEXT, "a_to_b", {"id": "a_to_b", **said})
    assert entry(changed, "a_to_b") == {"id": "a_to_b", **said}
    assert entry(changed, "c_to_d") == entry(TEXT, "c_to_d")
    assert yaml.safe_load(changed)["links"][1]["id"] == "c_to_d"
