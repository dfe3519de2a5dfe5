"""What all tests share, and the order in which they are handed to the workers."""

import gc
from pathlib import Path

import pytest
import sqlalchemy as sa
from duckdb_sqlalchemy import Dialect
from sqlalchemy.util import LRUCache

from tests.desk import desk, empty_home

__all__ = ["desk", "empty_home"]

TESTS = Path(__file__).parent
FIRST = ("services/test_demo_truths.py", "imports", "store", "browser", "pages", "services")
"""One worker builds the sample company while the other does what needs none; what takes long comes
before what is over in a moment, so that all workers end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def pytest_configure() -> None:
    """Let every store of a test run know the statements that an earlier one has compiled.

    An engine keeps what it compiled for itself and its dialect. The app has one engine; here a
    thousand stores are opened, and a fifth of the time would go into compiling the same again.
    """
    compiled, begin = LRUCache[object, object](5_000), sa.Engine.__init__

    def with_the_others(self: sa.Engine, *arguments: object, **named: object) -> None:
        begin(self, *arguments, **named)
        self._compiled_cache = compiled

    sa.Engine.__init__ = with_the_others
    Dialect.__hash__ = lambda self: hash(type(self))
    Dialect.__eq__ = lambda self, other: type(self) is type(other)


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
