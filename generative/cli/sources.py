"""From the arguments of a command line to picture files, and to where their results go."""

from __future__ import annotations

import functools
import glob
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from generative.cli.batch import Begin, Job, Make, failing
from generative.images import SUFFIXES

HELP = (
    "a picture; a folder, for the pictures in it; or a pattern, such as 'photos/**/*.jpg', where "
    "** is any depth"
)


def expand(arguments: Sequence[str]) -> Iterator[Path | Job]:
    """Yield the files that arguments stand for, in order; a job that fails for one without any.

    A file that several arguments stand for comes once.
    """
    seen = set()
    for argument in arguments:
        found = _files(argument)
        if not found:
            yield failing(argument, f"There is no picture at {argument}: check the name.")
        for path in found:
            if path not in seen:
                seen.add(path)
                yield path


def job_for(sources: Sequence[Path], result: Path, begin: Begin, taken: set[Path]) -> Job:
    """Return the job that makes a result, or one that fails if its place is not free.

    Args:
        sources: the pictures that it is made of.
        result: its place.
        begin: begins it.
        taken: the places of the results before it; this one is added.
    """
    name = " and ".join(map(str, sources))
    if any(result.resolve() == source.resolve() for source in sources):
        return failing(name, f"The result would replace {result}: choose another --output.")
    if result in taken:
        return failing(
            name, f"Another result goes to {result} already: give this one another --output."
        )
    taken.add(result)
    return Job(name, result, begin)


def one_result_each(
    arguments: Sequence[str], folder: Path, begin: Callable[[Path], Make], suffix: str = ".png"
) -> list[Job]:
    """Return a job for every picture that arguments stand for: a file of its name in a folder."""
    taken: set[Path] = set()
    return [
        source
        if isinstance(source, Job)
        else job_for(
            [source], folder / f"{source.stem}{suffix}", functools.partial(begin, source), taken
        )
        for source in expand(arguments)
    ]


def _files(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_dir():
        return [each for each in sorted(path.iterdir()) if _is_picture(each)]
    if path.exists() or not glob.has_magic(argument):
        return [path]
    found = map(Path, sorted(glob.glob(argument, recursive=True)))
    return [each for each in found if each.is_file()]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")
