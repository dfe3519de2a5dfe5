"""Data that many tests of services only read: the sample company, and a shop to reckon by hand."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_engine.workspace import Workspace
from tests.sample import copy_of_sample
from tests.services.tiny import open_workspace, orders, outages, save

LATE = {
    "id": "cfr_to_tx_success",
    "driver": "it.cfr",
    "outcome": "biz.tx_success",
    "kind": "influence",
    "mechanism": "A bad release makes checkouts fail.",
    "sign": -1,
    "lag_days": [0, 3],
    "grade": "D",
    "reachable_grade": "C",
    "grade_reason": "Found elsewhere.",
    "review_by": "2026-10-31",
}
"""A link that should have been looked at again before the data came in."""


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The sample company; tests must not change it."""
    found = Workspace.open(copy_of_sample(tmp_path_factory, "read-only"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The shop to reckon by hand; tests must not change it."""
    found = open_shop(tmp_path_factory.mktemp("shop") / "home")
    yield found
    found.close()


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same shop, which nobody has open, to be copied by tests that change it."""
    home = tmp_path_factory.mktemp("shop") / "home"
    open_shop(home).close()
    return home


@pytest.fixture
def own_shop(shop_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """The same shop for a test that changes it."""
    shutil.copytree(shop_home, tmp_path / "home")
    found = Workspace.open(tmp_path / "home")
    yield found
    found.close()


def open_shop(home: Path) -> Workspace:
    """Three orders an hour, each of 50; 90 minutes down on one morning of October; 200 attempts.

    Nothing is estimated yet, and the review of one link is overdue.
    """
    found = open_workspace(home, scorecard=["biz.tx_success", "biz.revenue"], links=[LATE])
    dark = {"2026-10-13T11": 0, "2026-10-13T12": 1}
    orders(found, "2026-07-12", "2026-10-31", lambda h: dark.get(f"{h:%Y-%m-%dT%H}", 3), amount=50)
    outages(
        found,
        ("Shop", "2026-08-04 03:00", "2026-08-04 03:05"),
        ("Shop", "2026-09-03 03:00", "2026-09-03 03:30"),
        ("Shop", "2026-10-13 11:00", "2026-10-13 12:30"),
    )
    tried = [
        (f"{month}-{number}", f"{month}-15 10:00", "completed" if number < 190 else "failed")
        for month in ("2026-09", "2026-10")
        for number in range(200)
    ]
    save(found, "checkout_id,started_at,completed", tried, recipe="checkout_attempts")
    return found
