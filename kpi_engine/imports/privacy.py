"""What names people never gets in; what tells them apart is kept as a salted hash."""

import secrets
from contextlib import suppress
from pathlib import Path

_FILE = "salt"


def read_salt(home: Path) -> str:
    """The secret that this organisation's hashes are salted with, made with the first import.

    It never leaves the data folder: without it a hash cannot be traced by trying names.
    """
    path = home / _FILE
    if not path.is_file():
        made = home / f"{_FILE}.{secrets.token_hex(4)}"
        made.write_text(secrets.token_hex(32), encoding="ascii")
        made.chmod(0o600)
        with suppress(FileExistsError):
            path.hardlink_to(made)
        made.unlink()
    return path.read_text(encoding="ascii").strip()
