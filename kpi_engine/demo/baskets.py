"""What is in the demo company's orders: products, quantities, prices, and what comes back."""

import numpy as np
import pandas as pd

from kpi_engine.demo.timeline import Timeline

_PRODUCTS = (
    ("10012", "Linen tea towel set", 14.0, 8),
    ("10027", "Stoneware mug", 12.5, 12),
    ("10031", "Enamel casserole 4 l", 68.0, 4),
    ("10044", "Oak chopping board", 34.0, 6),
    ("10058", "Glass storage jars", 27.5, 6),
    ("10063", "Chef knife 20 cm", 52.0, 4),
    ("20015", "Wool throw", 58.0, 6),
    ("20022", "Feather cushion", 29.0, 7),
    ("20039", "Cotton duvet cover double", 72.0, 6),
    ("20046", "Bath sheet", 32.0, 7),
    ("20051", "Rug 120 x 180", 129.0, 2),
    ("30018", "Desk lamp brass", 62.0, 4),
    ("30024", "Pendant lamp", 84.0, 3),
    ("30037", "Beeswax candle", 16.0, 10),
    ("30042", "Picture frame A3", 24.0, 6),
    ("40011", "Garden trug", 38.0, 3),
    ("40026", "Watering can", 31.0, 4),
    ("40033", "Doormat coir", 26.0, 5),
    ("50017", "Storage basket", 36.0, 5),
    ("50029", "Side table ash", 115.0, 2),
)
_COUNTRIES = ("United Kingdom", "EIRE", "Germany", "France", "Netherlands")
_COUNTRY_SHARES = (0.84, 0.05, 0.045, 0.035, 0.03)
_RETURNED_SHARE = 0.046
_EXTRA_LINES = 0.6


def simulate_lines(
    timeline: Timeline, orders: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """One row an invoice line, returns included, in the order the invoices were written.

    Returns:
        Columns ``invoice`` (text, returns start with C), ``stock_code``, ``description``,
        ``quantity`` (negative on returns), ``invoiced_at`` (UTC), ``unit_price``,
        ``customer`` (missing for guests), ``country``.
    """
    invoices = _customers(orders, rng)
    counts = 1 + rng.poisson(_EXTRA_LINES, len(invoices))
    position = np.repeat(np.arange(len(invoices)), counts)
    shares = np.asarray([weight for *_, weight in _PRODUCTS], dtype=float)
    product = rng.choice(len(_PRODUCTS), len(position), p=shares / shares.sum())
    lines = pd.DataFrame(
        {
            "order": position,
            "product": product,
            "quantity": rng.choice([1, 2, 3, 4], len(position), p=[0.78, 0.15, 0.04, 0.03]),
            "at": invoices["at"].to_numpy()[position],
        }
    )
    lines = pd.concat([lines, _returned(timeline, invoices, lines, rng)], ignore_index=True)
    return _invoiced(lines, invoices)


def _customers(orders: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Each order with its moment (to the full minute), a customer number and a country."""
    size = len(orders)
    customers = pd.Series(rng.integers(12_000, 58_000, size), dtype="Int64")
    return pd.DataFrame(
        {
            "at": orders["ordered_at"].dt.floor("min").dt.tz_localize(None),
            "customer": customers.mask(rng.random(size) < 0.14),
            "country": rng.choice(len(_COUNTRIES), size, p=_COUNTRY_SHARES),
        }
    )


def _returned(
    timeline: Timeline, invoices: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Whole orders that come back within three weeks, booked in the warehouse's hours."""
    chosen = rng.random(len(invoices)) < _RETURNED_SHARE
    days = pd.to_timedelta(rng.integers(4, 21, len(invoices)), unit="D")
    minutes = pd.to_timedelta(rng.integers(8 * 60, 16 * 60, len(invoices)), unit="min")
    back_at = (invoices["at"].dt.normalize() + days + minutes).to_numpy()
    end = timeline.end.tz_localize(None).to_datetime64()
    comes_back = chosen & (back_at < end)
    returned = lines[comes_back[lines["order"].to_numpy()]].copy()
    returned["at"] = back_at[returned["order"].to_numpy()]
    returned["quantity"] = -returned["quantity"]
    return returned


def _invoiced(lines: pd.DataFrame, invoices: pd.DataFrame) -> pd.DataFrame:
    """Lines with their invoice numbers, which count up as time goes by."""
    lines["is_return"] = lines["quantity"] < 0
    lines = lines.sort_values(["at", "order", "is_return"], kind="stable", ignore_index=True)
    new = (lines["order"] != lines["order"].shift()) | (
        lines["is_return"] != lines["is_return"].shift()
    )
    number = (600_000 + new.cumsum()).astype(str)
    number[lines["is_return"]] = "C" + number[lines["is_return"]]
    order = lines["order"].to_numpy()
    product = lines["product"].to_numpy()
    codes, names, prices, _ = (np.asarray(column) for column in zip(*_PRODUCTS, strict=True))
    return pd.DataFrame(
        {
            "invoice": number,
            "stock_code": pd.Categorical.from_codes(product, codes),
            "description": pd.Categorical.from_codes(product, names),
            "quantity": lines["quantity"],
            "invoiced_at": lines["at"].dt.tz_localize("UTC"),
            "unit_price": _price(prices[product], invoices["at"].to_numpy()[order]),
            "customer": invoices["customer"].array[order],
            "country": pd.Categorical.from_codes(invoices["country"].to_numpy()[order], _COUNTRIES),
        }
    )


def _price(list_price: np.ndarray, ordered_at: np.ndarray) -> np.ndarray:
    """Prices rise by 2 % each April; an order that comes back is paid back as it was paid."""
    moments = pd.DatetimeIndex(ordered_at)
    aprils = np.asarray(moments.year) - 2023 - np.where(moments.month < 4, 1, 0)
    return np.round(list_price * 1.02**aprils, 2)
