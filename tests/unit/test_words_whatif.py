"""What a what-if says: the outcome then, what it is worth, and where the doubt comes from."""

from dataclasses import replace

from kpi_engine.mapping.propagation import Narrowing
from kpi_engine.maths.intervals import Estimate
from kpi_engine.services.levers import Lever
from kpi_engine.services.whatif import Part, Simulation
from kpi_engine.terms import Unit
from kpi_engine.words import whatif as words
from tests.factories import driver, metric, reading

NOW = reading(0.962)


def lever(**fields: object) -> Lever:
    behind = driver(reading(0.9968, of=metric("it.availability")))
    given = {
        "link": behind.contribution.link,
        "reading": behind.reading,
        "label": "Minutes of downtime",
        "unit": Unit.MINUTES,
        "decimals": 0,
        "now": 142.0,
        "seen": (13.0, 142.0),
        "step": 10.0,
        "contribution": behind.contribution,
    }
    return Lever(**{**given, **fields})


def simulation(
    change: float = 0.006, money: float | None = 152_000.0, **fields: object
) -> Simulation:
    turned, change = lever(), 0.006
    effect = Estimate(low=change * 0.7, mid=change, high=change * 1.3)
    worth = None if money is None else Estimate(low=money * 0.7, mid=money, high=money * 1.3)
    part = Part(
        lever=turned,
        value=40.0,
        effect=effect,
        amount=Estimate(low=-2900, mid=-2200, high=-1500),
        noun="orders",
        money=worth,
        is_seen=True,
    )
    given = {
        "outcome": NOW,
        "as_of": 1,
        "levers": (turned,),
        "parts": (part,),
        "change": effect,
        "after": Estimate(low=0.966, mid=0.962 + change, high=0.97),
        "amount": ("orders", Estimate(low=-2900, mid=-2200, high=-1500)),
        "money": worth,
        "swings": (),
        "narrowings": (),
        "outside": (),
        "not_counted": (),
    }
    return Simulation(**{**given, **fields})


def test_a_simulated_month_says_where_it_stands_and_what_that_is_worth() -> None:
    said = words.sentence(simulation(), currency="$")
    assert said.startswith(
        "Checkout success would be about 96.8\u202f% (likely 96.6\u202f% to 97.0\u202f%)"
    )
    assert (
        "still below its target of ≥\u202f97.5\u202f%" in said
        or "still below its target of 97.5\u202f%" in said
    )
    assert "about 2,200 orders won back a month" in said
    assert "worth about $152k" in said


def test_what_nobody_has_valued_says_so() -> None:
    found = simulation(money=None)
    bare = replace(found, amount=None)
    assert words.sentence(bare, currency="$").endswith(
        "Nobody has said what that is worth in money."
    )


def test_nothing_turned_is_no_result() -> None:
    assert words.sentence(simulation(parts=()), currency="$").startswith("Nothing is changed yet")


def test_a_setting_that_was_never_seen_is_called_a_guess() -> None:
    beyond = simulation()
    far = replace(beyond.parts[0], value=600.0, is_seen=False)
    (said,) = words.warnings(replace(beyond, parts=(far,), outside=(far.lever,)), currency="$")
    assert said.startswith("Minutes of downtime: 600\u202fmin was never seen.")
    assert said.endswith("beyond that the effect is a guess.")


def narrowing(label: str, width: float, *, assumption: str = "some") -> Narrowing:
    """Of a range from $100k to $200k, what would be left."""
    return Narrowing(
        label=label,
        assumption=assumption,
        owner="M. Okafor" if assumption else "",
        now=Estimate(low=100_000, mid=150_000, high=200_000),
        then=Estimate(low=150_000 - width / 2, mid=150_000, high=150_000 + width / 2),
    )


def test_the_fact_that_narrows_most_is_named_with_how_far_and_who_answers_for_it() -> None:
    known = simulation(narrowings=(narrowing("Margin on an order", 20_000),))
    assert words.narrows_most(known, currency="$") == (
        "Knowing the margin on an order exactly would narrow the range most: to $140k–$160k, "
        "from $100k–$200k. M. Okafor answers for it."
    )
    data = simulation(narrowings=(narrowing("Effect of page load time", 20_000, assumption=""),))
    assert words.narrows_most(data, currency="$").endswith("That takes more months of data.")


def test_where_no_fact_helps_much_none_is_named() -> None:
    spread = simulation(narrowings=(narrowing("Margin on an order", 99_000),))
    assert words.narrows_most(spread, currency="$").startswith("No single fact would narrow")
    assert words.narrows_most(simulation(), currency="$") == ""


def test_what_is_within_another_says_that_it_is_not_added() -> None:
    part = replace(simulation().parts[0], within="All outages")
    (said,) = words.warnings(simulation(parts=(part,)), currency="$")
    assert said.startswith("Minutes of downtime is a part of all outages")


def test_links_that_cannot_be_turned_are_named_once() -> None:
    names = ("Releases that had to be undone", "Page load time", "Page load time")
    said = words.not_counted(simulation(not_counted=names))
    assert said.endswith(": releases that had to be undone and page load time.")
