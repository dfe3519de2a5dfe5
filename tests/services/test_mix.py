"""A share whose segments all rise while it falls: said, and taken apart to the last digit."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.mapping.mix import rate_and_mix, shares_of_change
from kpi_engine.services import outcomes
from kpi_engine.words.outcome import mix_sentences
from kpi_engine.workspace import Workspace
from tests.services.tiny import open_workspace, save

DEFINITIONS = Path(__file__).parents[2] / "data" / "definitions"
HEADER = "period,metric,segment,numerator,denominator"
FRACTIONS = {
    ("2026-09", "web"): (90, 1000),
    ("2026-09", "shop"): (100, 200),
    ("2026-10", "web"): (200, 2000),
    ("2026-10", "shop"): (55, 100),
}


def explained(
    tmp_path: Path, fractions: dict[tuple[str, str], tuple[int, int]]
) -> outcomes.Explanation:
    ws = open_workspace(tmp_path / "home", scorecard=["biz.conversion"])
    save(
        ws,
        HEADER,
        [(m, "biz.conversion", f"channel={c}", *two) for (m, c), two in fractions.items()],
    )
    found = outcomes.explain(ws, "biz.conversion", month=date(2026, 10, 1))
    ws.close()
    return found


def test_a_whole_that_falls_while_every_channel_rises_is_said(tmp_path: Path) -> None:
    """190 of 1,200 and then 255 of 2,100; web 9 to 10 %, shop 50 to 55 %."""
    found = explained(tmp_path, FRACTIONS)
    (mix,) = found.mix
    assert mix.dimension == "channel"
    assert mix.is_reversed
    web = (1000 / 1200 + 2000 / 2100) / 2 * 0.01
    shop = (200 / 1200 + 100 / 2100) / 2 * 0.05
    assert mix.own == pytest.approx(web + shop)
    assert found.movement == pytest.approx(255 / 2100 - 190 / 1200)
    assert mix.own + mix.shift == pytest.approx(found.movement)
    (said,) = mix_sentences(found)
    assert said.startswith("Every channel rose, and yet the whole fell")


def test_a_whole_that_goes_with_its_channels_is_only_taken_apart(tmp_path: Path) -> None:
    found = explained(tmp_path, FRACTIONS | {("2026-10", "web"): (160, 1000)})
    (mix,) = found.mix
    assert not mix.is_reversed
    assert found.movement is not None
    assert mix.own + mix.shift == pytest.approx(found.movement)
    assert mix_sentences(found)[0].startswith("By channel: own changes")


def test_what_is_left_behind_is_taken_apart_with_its_own_sign(tmp_path: Path) -> None:
    """Of 140 carts 70 were paid for, then 40."""
    home = tmp_path / "home"
    open_workspace(home, scorecard=["biz.abandon"]).close()
    shipped = [
        one
        for name in ("metrics_business", "base")
        for one in yaml.safe_load((DEFINITIONS / f"{name}.yaml").read_text())["metrics"]
        if one["id"] in ("biz.abandon", "base.carts")
    ]
    sliced = [one | {"dimensions": ["channel"]} for one in shipped]
    (home / "definitions" / "own.yaml").write_text(yaml.safe_dump({"metrics": sliced}))
    ws = Workspace.open(home)
    carts = [("2026-09", 100, 40), ("2026-10", 100, 40)]
    paid = [("2026-09", 50, 20), ("2026-10", 30, 10)]
    rows = [
        (month, metric, f"channel={channel}", count)
        for metric, counts in (("base.carts", carts), ("biz.orders", paid))
        for month, *both in counts
        for channel, count in zip(("web", "shop"), both, strict=True)
    ]
    save(ws, "period,metric,segment,value", rows)
    found = outcomes.explain(ws, "biz.abandon", month=date(2026, 10, 1))
    ws.close()
    (mix,) = found.mix
    assert found.movement == pytest.approx(100 / 140 - 70 / 140)
    assert mix.own + mix.shift == pytest.approx(found.movement)


def test_segments_that_come_and_go_still_add_up() -> None:
    found = rate_and_mix({"a": (1, 10), "b": (5, 10)}, {"a": (2, 10), "c": (9, 10)})
    assert found is not None
    assert found.own == pytest.approx(0.5 * 0.1)
    assert found.own + found.shift == pytest.approx(11 / 20 - 6 / 20)


def test_returns_without_orders_are_part_of_the_change() -> None:
    """A country with returns alone has no average order, and yet makes that of all smaller."""
    before = {"a": (100.0, 10.0), "b": (60.0, 5.0), "c": (-3.0, 0.0)}
    now = {"a": (120.0, 10.0), "b": (-15.0, 0.0), "c": (-6.0, 0.0)}
    shares = shares_of_change(before, now)
    assert shares is not None
    assert shares["c"].both == pytest.approx(-6 / 10 + 3 / 15)
    moved = (120 - 15 - 6) / 10 - (100 + 60 - 3) / 15
    assert sum(share.both for share in shares.values()) == pytest.approx(moved)


@given(
    st.lists(
        st.tuples(*[st.integers(-50, 50), st.integers(0, 20)] * 2), min_size=2, max_size=6
    ).filter(lambda rows: sum(r[1] for r in rows) and sum(r[3] for r in rows))
)
def test_parts_of_any_segments_add_up_to_the_change(rows) -> None:
    before = {str(n): (float(r[0]), float(r[1])) for n, r in enumerate(rows)}
    now = {str(n): (float(r[2]), float(r[3])) for n, r in enumerate(rows)}
    shares = shares_of_change(before, now)
    assert shares is not None
    levels = [
        sum(a for a, _ in side.values()) / sum(b for _, b in side.values())
        for side in (now, before)
    ]
    assert sum(s.both for s in shares.values()) == pytest.approx(levels[0] - levels[1], abs=1e-9)


@pytest.mark.parametrize("now", [{}, {"a": (0.0, 0.0)}])
def test_an_empty_whole_has_no_mix(now: dict[str, tuple[float, float]]) -> None:
    assert rate_and_mix({"a": (1, 10), "b": (2, 10)}, now) is None
