"""The command line for files and folders: `python -m generative`.

sources       arguments → picture files, and where their results go
batch         makes one result after the other, and reports each
pictures      pictures for the small models, read and loaded when first needed
denoise, denoise_photo, sample, interpolate, stylize
              one command each: `add_arguments` and `plan`, which turns options into jobs

TensorFlow is imported with the first result that isn't there yet.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from generative import checkpoints
from generative.cli import batch, denoise, denoise_photo, interpolate, sample, stylize
from generative.command_line import INTERRUPTED, Parser
from generative.errors import GenerativeError
from generative.hub import fetching
from generative.studios import open_cluster

COMMANDS = {
    "denoise": denoise,
    "denoise-photo": denoise_photo,
    "sample": sample,
    "interpolate": interpolate,
    "stylize": stylize,
}
PROGRAM = "generative"


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line, parsed."""
    parser = Parser(prog="python -m generative", description="Run the models on files and folders.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = (module.__doc__ or "").splitlines()[0]
        command = commands.add_parser(name, help=summary.rstrip("."), description=summary)
        command.set_defaults(ray=None)
        module.add_arguments(command)
        _add_common_options(command)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the command line and return the exit status.

    0: every result is there. 1: some could not be made, or none. 2: the command line is wrong.
    130: interrupted; what was finished is kept.
    """
    options = parse(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's remarks, not its errors.
    try:
        options.checkpoints = fetching.checkpoint_folder(options.checkpoints)
        options.cluster = open_cluster(options.ray, options.ray_cpus) if options.ray else None
        jobs = COMMANDS[options.command].plan(options)
        ahead = options.cluster.room if options.cluster else 0
        return batch.run(jobs, overwrite=options.overwrite, as_json=options.json, ahead=ahead)
    except GenerativeError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Every finished result is kept.", file=sys.stderr)
        return INTERRUPTED


def _add_common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="folder for results; made if new"
    )
    parser.add_argument("--overwrite", action="store_true", help="remake results that exist")
    parser.add_argument(
        "--json", action="store_true", help="print a JSON object per result, one a line"
    )
    parser.add_argument(
        "--checkpoints",
        default=str(checkpoints.SHIPPED),
        metavar="DIR",
        help="folder of checkpoints, or hub:OWNER/NAME[@REVISION] (those that come with this)",
    )
