"""Find a Chromium for the browser tests; run as a program, install one if there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "No Chromium found. Install one, run `python tests/browser.py`, "
    "or set CHROMIUM to the path of its executable."
)


def find_chromium() -> str | None:
    """Return the path of a Chromium that starts, or None.

    `CHROMIUM` in the environment, when set, is the only candidate. Otherwise the system's browsers
    come first, then the one which Playwright downloads.
    """
    return next((path for path in _candidates() if _starts(path)), None)


def must_have_browser() -> bool:
    """True on a build server (`CI` is set): there a missing browser is a failure, not a skip."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def install_chromium() -> None:
    """Install Chromium with apt-get where we are root, else with Playwright's own download."""
    if _is_root() and shutil.which("apt-get"):
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # A failed update is no reason to stop: the lists on disk may be good enough.
        subprocess.run([*apt, "update"], env=environment)
        subprocess.run(
            [*apt, "install", "-y", "--no-install-recommends", "chromium"], env=environment
        )
    if find_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def main() -> int:
    """Find or install; return the exit status."""
    if find_chromium() is None and "CHROMIUM" not in os.environ:
        install_chromium()
    path = find_chromium()
    print(path or MISSING)
    return 1 if path is None and must_have_browser() else 0


def _candidates() -> Iterator[str]:
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        yield chosen
        return
    yield from filter(None, map(shutil.which, NAMES))
    yield from filter(os.path.exists, MACOS_APPS)
    yield from _playwright_download()


def _playwright_download() -> Iterator[str]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if os.path.exists(path):
        yield path


def _starts(path: str) -> bool:
    # Ubuntu's chromium-browser without the snap is a script that only says what to install.
    try:
        run = subprocess.run([path, "--version"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    sys.exit(main())
