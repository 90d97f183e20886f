"""Run the models on files and folders: `python -m generative --help`."""

from __future__ import annotations

import sys

from generative.cli import main

if __name__ == "__main__":
    sys.exit(main())
