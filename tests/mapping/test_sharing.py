import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.mapping.sharing import share_movement
from kpi_engine.maths.intervals import Estimate


def about(mid: float, *, by: float = 0.0) -> Estimate:
    return Estimate(low=mid - by, mid=mid, high=mid + by)


def test_what_no_link_explains_is_the_remainder():
    shares = share_movement([about(-0.36), about(-0.15), None], -0.6)

    assert shares.effects == (about(-0.36), about(-0.15), None)
    assert shares.is_capped == (False, False, False)
    assert shares.remainder == pytest.approx(-0.09)


def test_links_that_counted_more_than_the_movement_share_it_pro_rata():
    """-0.6 and -0.2 against a movement of -0.4: each is halved, nothing remains."""
    shares = share_movement([about(-0.6, by=0.1), about(-0.2)], -0.4)

    assert [effect.mid for effect in shares.effects] == pytest.approx([-0.3, -0.1])
    assert shares.effects[0].low == pytest.approx(-0.35)
    assert shares.is_capped == (True, True)
    assert shares.remainder == 0


def test_a_link_against_the_movement_leaves_room_for_the_others():
    """-0.6 with +0.2 against it nets -0.4, which is the movement: nothing is scaled."""
    shares = share_movement([about(-0.6), about(0.2)], -0.4)

    assert [effect.mid for effect in shares.effects] == [-0.6, 0.2]
    assert shares.is_capped == (False, False)
    assert shares.remainder == pytest.approx(0)


def test_only_links_along_the_movement_are_scaled():
    """-1.0 with +0.2 nets -0.8, twice the movement: -1.0 becomes -0.6."""
    shares = share_movement([about(-1.0), about(0.2)], -0.4)

    assert [effect.mid for effect in shares.effects] == pytest.approx([-0.6, 0.2])
    assert shares.is_capped == (True, False)


def test_links_against_the_movement_are_never_scaled_and_the_remainder_says_so():
    shares = share_movement([about(-0.5)], 0.3)

    assert shares.effects == (about(-0.5),)
    assert shares.remainder == pytest.approx(0.8)


def test_without_a_movement_nothing_is_shared():
    shares = share_movement([about(-0.5)], None)

    assert shares.effects == (about(-0.5),)
    assert shares.remainder is None


sizes = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
effects = st.lists(
    st.one_of(st.none(), st.tuples(sizes, st.floats(0, 1e3)).map(lambda p: about(p[0], by=p[1]))),
    max_size=6,
)


@given(effects, sizes)
def test_effects_and_remainder_are_the_movement(counted, movement):
    shares = share_movement(counted, movement)

    parts = [effect.mid for effect in shares.effects if effect is not None]
    size = max([abs(movement), *map(abs, parts)])
    assert math.isclose(math.fsum([*parts, shares.remainder]), movement, abs_tol=1e-9 * size)


@given(effects, sizes)
def test_net_effects_never_exceed_the_movement_in_its_direction(counted, movement):
    shares = share_movement(counted, movement)

    net = math.fsum(effect.mid for effect in shares.effects if effect is not None)
    size = max([abs(movement), *(abs(one.mid) for one in counted if one is not None)])
    if movement > 0:
        assert net <= movement + 1e-9 * size
    if movement < 0:
        assert net >= movement - 1e-9 * size


@given(effects, sizes)
def test_an_effect_is_never_enlarged_nor_turned_round(counted, movement):
    shares = share_movement(counted, movement)

    for before, after in zip(counted, shares.effects, strict=True):
        if before is not None and after is not None:
            assert abs(after.mid) <= abs(before.mid)
            assert after.mid * before.mid >= 0
