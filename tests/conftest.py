"""What all tests share, and the order in which they are handed to the workers."""

import gc
from pathlib import Path

import pytest

from tests.desk import desk, empty_home

__all__ = ["desk", "empty_home"]

TESTS = Path(__file__).parent
FIRST = ("services/test_demo_truths.py", "imports", "store", "browser", "pages", "services")
"""One worker builds the sample company while the other does what needs none; what takes long comes
before what is over in a moment, so that all workers end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def pytest_collection_finish() -> None:
    """What was imported to run tests is no garbage: it need not be looked through every time."""
    gc.collect()
    gc.freeze()


def _place(item: pytest.Item) -> int:
    """Where a test stands; those of one file stay together and in their order."""
    for place, name in enumerate(FIRST):
        if item.path.is_relative_to(TESTS / name):
            return place
    return len(FIRST)
