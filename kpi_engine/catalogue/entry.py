"""What entries of all kinds of definitions share."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MetricId = Annotated[str, Field(pattern=r"^(it|biz|base)\.[a-z0-9_]+$")]
Part = Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$")]
"""A counter of an event kind (``ticket.resolved``) or another metric (``biz.orders``)."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Segment = Mapping[Name, str]
"""Dimension to member; an empty mapping is ``all``."""


class Entry(BaseModel):
    """What every definition shares: unknown fields are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Owners(Entry):
    """The two people who answer for a metric."""

    business: str = Field(min_length=1)
    it: str = Field(min_length=1)
