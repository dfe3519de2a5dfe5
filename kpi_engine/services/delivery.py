"""Hand a text over: to a file, and to mail or chat where addresses are given."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import apprise

from kpi_engine.errors import StoreError


def to_file(folder: Path, *, text: str, now: datetime) -> Path:
    """Write a text into a folder, named by the instant.

    Args:
        folder: Made where it is missing.
        text: What to write.
        now: When, in UTC.

    Returns:
        The file.
    """
    folder.mkdir(exist_ok=True)
    path = folder / f"digest-{now:%Y%m%dT%H%M%SZ}.md"
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path


def to_people(addresses: Sequence[str], *, title: str, text: str) -> None:
    """Send a text to every address: mail, Slack, Teams and whatever else apprise knows.

    Args:
        addresses: Apprise URLs. They hold secrets, so they come from the environment and are never
            printed.
        title: Subject.
        text: Markdown.

    Raises:
        StoreError: An address is none, or did not take it.
    """
    sender = apprise.Apprise()
    for place, address in enumerate(addresses, start=1):
        if not sender.add(address):
            raise StoreError(
                f"Address {place} of {len(addresses)} is none that can be sent to.",
                hint="Write it as an Apprise URL, such as mailto://, slack:// or msteams://.",
            )
    if addresses and not sender.notify(title=title, body=text, body_format="markdown"):
        raise StoreError(
            "The digest could not be delivered to every address.",
            hint="Check that they can be reached from here; nothing was marked as told.",
        )
