"""What the command lines share."""

from __future__ import annotations

import argparse
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after Ctrl-C."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the complaint and exit with status 2."""
        self.exit(2, f"{self.prog}: {message}. See --help.\n")
