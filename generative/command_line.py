"""What the command lines share."""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

from generative.studios import CPUS

INTERRUPTED = 130
"""Exit status after Ctrl-C."""


def add_ray(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a Ray cluster to paint on."""
    parser.add_argument(
        "--ray",
        default=os.environ.get("RAY_ADDRESS") or None,
        metavar="ADDRESS",
        help="paint on the Ray cluster at HOST:PORT, ray://HOST:PORT or auto (RAY_ADDRESS)",
    )
    parser.add_argument(
        "--ray-cpus",
        default=os.environ.get("PLAYGROUND_RAY_CPUS") or str(CPUS),
        type=_cpus,
        metavar="N",
        help=f"CPUs of a node that one painting takes there (PLAYGROUND_RAY_CPUS or {CPUS})",
    )


def _cpus(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of CPUs: expected 1 or more")
    return int(text)


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaint is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the complaint and exit with status 2."""
        self.exit(2, f"{self.prog}: {message}. See --help.\n")
