"""The closed word lists of the product. A new word enters style.md's glossary first."""

from enum import StrEnum


class Direction(StrEnum):
    """Which way is good."""

    HIGHER_IS_BETTER = "higher"
    LOWER_IS_BETTER = "lower"
    IN_RANGE = "range"
    NONE = "none"


class Status(StrEnum):
    """A value against its target."""

    ON_TARGET = "on_target"
    NEAR_TARGET = "near_target"
    OFF_TARGET = "off_target"
    NO_DATA = "no_data"
    NOT_JUDGED = "not_judged"
    """Tracked only: an activity, or a metric without a target."""


class Variation(StrEnum):
    """A value against its own history."""

    USUAL = "usual"
    BETTER = "better"
    WORSE = "worse"
    UNUSUAL = "unusual"
    """Outside the usual range of a metric for which no direction is good."""
    NOT_JUDGED = "not_judged"
    """Too little history to tell."""


class SpecialCause(StrEnum):
    """What sets a value apart from its history (XmR rules)."""

    OUTSIDE = "outside"
    SHIFT = "shift"
    TREND = "trend"
    NEAR_LIMIT = "near_limit"


class Assurance(StrEnum):
    """Whether a process that goes on as it is meets its target."""

    MET = "met"
    MISSED = "missed"
    HIT_AND_MISS = "hit_and_miss"
    NOT_JUDGED = "not_judged"


class AlertKind(StrEnum):
    """What somebody is told of without asking."""

    STATUS = "status"
    SIGNAL = "signal"
    DISAGREEMENT = "disagreement"
    RESTATED = "restated"
    OVERDUE = "overdue"


class Phasing(StrEnum):
    """How a target of a quarter or a year is spread over its months."""

    EVENLY = "evenly"
    BY_DAYS = "by_days"
    BY_SHARES = "by_shares"


class Trajectory(StrEnum):
    """Where a year will end, against its target."""

    ON_TRACK = "on_track"
    OFF_TRACK = "off_track"
    TOO_EARLY = "too_early"
    """The range of where it may end holds both sides of the target."""
    MET = "met"
    NOT_MET = "not_met"
    NOT_JUDGED = "not_judged"
    """Nothing is aimed for, or nothing can be said."""


class Reach(StrEnum):
    """Whether turning one driver brings an outcome to a goal."""

    ALREADY = "already"
    """It is there without turning anything more."""
    SEEN = "seen"
    UNSEEN = "unseen"
    """Only with the driver where it never was."""
    NEVER = "never"
    """Not with any value that the driver can have, nor with ten times the most it ever was."""


class Cause(StrEnum):
    """Why an outcome is off its target or not as usual, as those who answer for it see it."""

    OUTAGE = "outage"
    RELEASE = "release"
    CAPACITY = "capacity"
    SUPPLIER = "supplier"
    MARKET = "market"
    PROCESS = "process"
    COUNTING = "counting"
    NOT_KNOWN = "not_known"


class Grain(StrEnum):
    """The time step one row stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Comparison(StrEnum):
    """What a series is laid over."""

    PREVIOUS = "previous"
    LAST_YEAR = "last_year"
    TARGET = "target"


LONGER_THAN_A_MONTH = (Grain.QUARTER, Grain.YEAR)
"""What a month of events did to a quarter's value is not the movement between two quarters."""


class WeekPattern(StrEnum):
    """How many weeks the three months of a quarter have, where months are made of weeks."""

    W445 = "4-4-5"
    W454 = "4-5-4"
    W544 = "5-4-4"


class YearEnd(StrEnum):
    """Which end of a week ends a year of 52 or 53 weeks."""

    LAST = "last"
    NEAREST = "nearest"


class Fold(StrEnum):
    """How facts fold over time and segments."""

    SUM = "sum"
    LAST = "last"
    RATIO = "ratio"
    WEIGHTED_MEAN = "weighted_mean"
    MEDIAN = "median"
    QUANTILE = "quantile"


class Unit(StrEnum):
    """What a value counts. Percentages are stored as fractions, 0.962 for 96.2 %."""

    PERCENT = "percent"
    COUNT = "count"
    CURRENCY = "currency"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    MILLISECONDS = "milliseconds"
    POINTS = "points"
    PER_WEEK = "per_week"
    PER_100_USERS = "per_100_users"
    HOURS_PER_EMPLOYEE = "hours_per_employee"


class Side(StrEnum):
    """Who reads a metric as theirs."""

    IT = "it"
    BUSINESS = "business"
    BASE = "base"
    """A count that others are divided by; never judged by itself."""


class LinkKind(StrEnum):
    """How a link's effect is known."""

    IDENTITY = "identity"
    IMPACT = "impact"
    INFLUENCE = "influence"


class EvidenceGrade(StrEnum):
    """How well a link is known."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    CONTRADICTED = "contradicted"


class Role(StrEnum):
    """What somebody may do."""

    VIEWER = "viewer"
    CONTRIBUTOR = "contributor"
    ANALYST = "analyst"
    STEWARD = "steward"
    ADMIN = "admin"


class BatchKind(StrEnum):
    """What kind of accepted change a batch is."""

    IMPORT = "import"
    MANUAL = "manual"
    PULL = "pull"
    UNDO = "undo"
    EDIT = "edit"


class RowFate(StrEnum):
    """What became of one row of an uploaded file. Every row has exactly one fate."""

    NEW = "new"
    UPDATED = "updated"
    IDENTICAL = "identical"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
