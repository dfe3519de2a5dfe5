"""Find a Chromium for the browser tests, or install one; `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ADVICE = (
    "The browser tests need Chromium and found none. Install it (Debian: apt-get install chromium; "
    "macOS: brew install --cask chromium), or name one: CHROMIUM=/path/to/chromium make test."
)


def find() -> str | None:
    """The browser to use: ``CHROMIUM``, else the first that is installed."""
    named = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else []
    for name in (*named, *NAMES, *APPLICATIONS):
        path = shutil.which(name)
        if path:
            return path
    return None


def install() -> None:
    """Install Chromium where that needs no question: Debian, as root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["chromium", "fonts-dejavu-core"]
    subprocess.run(["apt-get", "update", "-q"], env=env, check=False)
    subprocess.run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
        env=env,
        check=False,
    )


def main() -> int:
    if not find():
        install()
    path = find()
    sys.stderr.write(f"{ADVICE}\n" if path is None else "")
    return 0 if path and Path(path).exists() else 1


if __name__ == "__main__":
    sys.exit(main())
