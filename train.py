"""Train, measure and publish the models, or deploy the app."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generative import checkpoints, evaluation, models
from generative.card import Card
from generative.command_line import INTERRUPTED, Parser
from generative.data import DATASETS, splits
from generative.errors import GenerativeError, InputError
from generative.loading import load

if TYPE_CHECKING:
    from generative.hub.upload import Upload
    from generative.training.runs import Run


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line, parsed."""
    parser = Parser(prog="train.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, entry in models.MODELS.items():
        command = commands.add_parser(name, help=f"train it: {entry.summary}")
        if entry.datasets == (splits.PICTURES,):
            _add_images(command)
        elif entry.folders:
            for folder, held in entry.folders.items():
                command.add_argument(f"--{folder}", type=Path, metavar="DIR", help=held)
        else:
            command.add_argument("--dataset", choices=entry.datasets, default=entry.datasets[0])
        if entry.variants != ("",):
            command.add_argument("--variant", choices=entry.variants, default=entry.variants[0])
        if entry.pruned:
            command.add_argument(
                "--teacher",
                type=Path,
                metavar="FILE",
                help="prune a VGG-16 with these weights instead of training the network",
            )
        _add_training_options(command)
    every = commands.add_parser("all", help="train every model on every data set")
    _add_images(every)
    _add_training_options(every)
    evaluate = commands.add_parser("evaluate", help="measure checkpoints on held-out data")
    _add_images(evaluate)
    evaluate.add_argument("models", nargs="*", metavar="MODEL", help="models or checkpoints")
    _add_folder_and_limit(evaluate)
    _add_folder(commands.add_parser("list", help="list the models and their checkpoints"))
    _add_folder(commands.add_parser("gallery", help="make the app's offline pictures"))
    pairs = commands.add_parser(
        "pairs", help="paint photos in one style, for a model to learn from"
    )
    pairs.add_argument("--style", type=Path, required=True, metavar="FILE", help="style picture")
    pairs.add_argument("--contents", type=Path, required=True, metavar="DIR", help="photos")
    pairs.add_argument("--number", type=int, default=100, metavar="N", help="of pairs (100)")
    pairs.add_argument("--side", type=int, default=256, metavar="N", help="of each, pixels (256)")
    pairs.add_argument("--output", type=Path, required=True, metavar="DIR", help="for the pairs")
    publish = commands.add_parser("publish", help="upload checkpoints to the Hugging Face Hub")
    publish.add_argument("--repo", required=True, metavar="OWNER/NAME", help="created if missing")
    publish.add_argument("--private", action="store_true", help="for you alone")
    publish.add_argument("--revision", metavar="BRANCH", help="created if missing (main)")
    _add_dry_run(publish)
    _add_folder(publish)
    deploy = commands.add_parser("deploy", help="upload the app to a Hugging Face Space")
    deploy.add_argument("--space", required=True, metavar="OWNER/NAME", help="created if missing")
    _add_dry_run(deploy)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out the command line and return the exit status."""
    options = parse(arguments)
    try:
        if options.command == "list":
            _list(options.output)
        elif options.command == "gallery":
            _make_gallery(options.output)
        elif options.command == "evaluate":
            _print_table(_evaluate(options))
        elif options.command == "pairs":
            _make_pairs(options)
        elif options.command == "publish":
            _publish(options)
        elif options.command == "deploy":
            _deploy(options)
        else:
            _print_table(_train(options))
    except GenerativeError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        trained = options.command in ("all", *models.MODELS)
        kept = " Every complete epoch is kept; --resume continues after the last."
        print(f"\nStopped.{kept if trained else ''}", file=sys.stderr)
        return INTERRUPTED
    return 0


def _add_images(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--images",
        metavar="DIR",
        help="labelled pictures, train/CLASS/* and validation/CLASS/*, or the name of a TFDS set",
    )


def _add_training_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the data")
    parser.add_argument("--batch-size", type=int, metavar="N", help="examples a step, all devices")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of weights and noise (0)")
    parser.add_argument("--resume", action="store_true", help="continue an interrupted run")
    parser.add_argument("--log-dir", type=Path, metavar="DIR", help="write TensorBoard logs there")
    _add_folder_and_limit(parser)


def _add_folder_and_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, metavar="N", help="use N examples only")
    _add_folder(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        type=Path,
        default=checkpoints.SHIPPED,
        metavar="DIR",
        help="folder of checkpoints (checkpoints/)",
    )


def _add_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent")


def _train(options: argparse.Namespace) -> Iterator[Card]:
    """Train what was asked for, one after the other; yield the cards."""
    if getattr(options, "teacher", None) is not None:
        yield _prune(options)
        return
    from generative.backend import tf
    from generative.training import runs, trainer

    # Same seed, same machine, same numbers: also where threads would add up in varying order.
    tf.config.experimental.enable_op_determinism()
    entry = models.MODELS.get(options.command)
    if entry is not None and entry.folders:
        yield _teach(entry, options)
        return
    strategy = trainer.strategy()
    for model, dataset, variant in trainings(options):
        request = runs.TrainingRequest(
            model,
            dataset,
            options.epochs,
            options.batch_size,
            options.seed,
            options.limit,
            variant,
            options.images if dataset == splits.PICTURES else None,
        )
        run = runs.Run(request, options.output, options.resume, options.log_dir, strategy)
        _show_progress(run)
        if run.is_chief:
            yield run.evaluate()


def _prune(options: argparse.Namespace) -> Card:
    """Make the pruned variant of a model from a large network; return its card."""
    given = (options.epochs, options.batch_size, options.log_dir, options.resume or None)
    if given != (None,) * 4:
        raise InputError(
            "Nothing is trained with --teacher: leave out --epochs, --batch-size, --log-dir and "
            "--resume."
        )
    if options.images is None:
        raise InputError("--teacher needs pictures to look at: name their folder with --images.")
    splits.check_limit(splits.PICTURES, options.limit)
    (maker,) = models.MODELS[options.command].pruned.values()
    card: Card = importlib.import_module(maker).make(
        options.teacher, options.images, options.output, options.seed, options.limit
    )
    return card


def _teach(entry: models.Entry, options: argparse.Namespace) -> Card:
    """Train a model that learns from folders of pictures; return its card."""
    folders = {name: getattr(options, name) for name in entry.folders}
    run = importlib.import_module(entry.taught_by).run(
        **folders,
        output=options.output,
        resume=options.resume,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        limit=options.limit,
    )
    _show_progress(run)
    card: Card = run.evaluate()
    return card


def trainings(options: argparse.Namespace) -> list[tuple[str, str, str]]:
    """Return (model, data set, variant) of all that is to be trained; say what is left out."""
    if options.command != "all":
        dataset = getattr(options, "dataset", splits.PICTURES)
        return [(options.command, dataset, getattr(options, "variant", ""))]
    every = [
        (name, *each)
        for name, entry in models.MODELS.items()
        if not entry.folders
        for each in entry.trainings
    ]
    if options.images is None:
        print("Skipping models that train on your own pictures: name a folder with --images.")
    return [each for each in every if options.images or each[1] != splits.PICTURES]


def _show_progress(run: Run) -> None:
    """Train with a bar that shows loss, examples a second and the time left."""
    from tqdm import tqdm

    trainer = run.trainer
    size = trainer.batch_size
    with (
        _interrupt_noted() as interrupted,
        tqdm(
            desc=run.request.checkpoint,
            total=trainer.plan.epochs * trainer.steps_per_epoch * size,
            initial=trainer.epoch * trainer.steps_per_epoch * size,
            unit=" examples",
            unit_scale=True,
            disable=not run.is_chief,
        ) as bar,
        closing(run.steps()) as steps,
    ):
        for progress in steps:
            bar.set_postfix(
                epoch=f"{progress.epoch}/{trainer.plan.epochs}",
                loss=f"{progress.loss:.4f}",
                refresh=False,
            )
            bar.update(size)
            if interrupted.is_set():
                raise KeyboardInterrupt


@contextmanager
def _interrupt_noted() -> Iterator[threading.Event]:
    """Note the first Ctrl-C, to be obeyed between two steps; the second one interrupts as usual.

    Raised wherever Python happens to be, it could get lost in a callback that ignores exceptions.
    """
    usual, interrupted = signal.getsignal(signal.SIGINT), threading.Event()

    def note(*_: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, note)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, usual)


def _evaluate(options: argparse.Namespace) -> Iterator[Card]:
    """Measure the checkpoints asked for, all by default; yield the cards."""
    found = checkpoints.available(options.output)
    wanted = options.models or found
    if not found:
        raise InputError(f"There is no checkpoint in {options.output}: train a model first.")
    for name in wanted:
        if not any(name in (checkpoint, checkpoint.partition("-")[0]) for checkpoint in found):
            raise InputError(
                f"There is no checkpoint of {name} in {options.output}. "
                f"Expected one of: {', '.join(found)}."
            )
    for checkpoint in found:
        if checkpoint in wanted or checkpoint.partition("-")[0] in wanted:
            card = evaluation.measure(checkpoint, options.output, options.limit, options.images)
            if options.limit is None:
                checkpoints.rewrite_card(checkpoint, card, options.output)
            yield card


def _list(directory: Path) -> None:
    found = checkpoints.available(directory)
    for name, entry in models.MODELS.items():
        print(f"{name:14} {entry.summary}")
        for dataset, variant in entry.checkpoints:
            there = models.checkpoint_id(name, dataset, variant) in found
            state = "trained" if there else "no checkpoint"
            print(f"{'':14}   {dataset + ' ' + variant:18} {state}")


def _make_gallery(directory: Path) -> None:
    """Make the pictures that the app offers where the data sets are not to be had."""
    from generative.data import gallery

    conditional = models.with_role("told the class")
    for dataset in DATASETS:
        model = load(conditional.checkpoint(dataset), directory)
        print(gallery.sample_sheet(model, dataset))


def _make_pairs(options: argparse.Namespace) -> None:
    """Paint photos in one style; what is there already is kept."""
    from tqdm import tqdm

    from generative import images
    from generative.style_transfer import pairs

    style = images.decode(options.style)
    made = pairs.make(style, options.contents, options.output, options.number, options.side)
    for _ in tqdm(made, desc="pairs", total=options.number, unit=" pairs"):
        pass


def _publish(options: argparse.Namespace) -> None:
    from generative.hub import publishing
    from generative.hub.upload import Target

    target = Target(options.repo, branch=options.revision, private=options.private)
    prepared = publishing.prepare_checkpoints(target, options.output)
    _send(prepared, "Checkpoints and their model card", options.dry_run)


def _deploy(options: argparse.Namespace) -> None:
    from generative.hub import space

    prepared = space.prepare_space(options.space)
    _send(prepared, f"Version {space.version_name()}", options.dry_run)


def _send(prepared: Upload, message: str, dry_run: bool) -> None:
    """Send an upload unless this is a dry run; print what it changes, and the address."""
    from generative.hub import upload

    url = prepared.target.url
    print(*prepared.lines(), sep="\n", end="\n" if prepared else "")
    if not prepared:
        print(f"Nothing has changed: {url}")
    elif dry_run:
        print(f"Not sent, as this is a dry run: {url}")
    else:
        upload.send(prepared, message)
        print(f"Sent: {url}")


def _print_table(cards: Iterator[Card]) -> None:
    """Print one line a model as it is finished: data, size, time and held-out figures."""
    header = f"{'model':14} {'data':14} {'parameters':>10} {'seconds':>8}  held-out figures"
    for number, card in enumerate(cards):
        if number == 0:
            print(header)
        figures = "  ".join(
            f"{name} {_brief(value)}"
            for name, value in card["metrics"].items()
            if not isinstance(value, str | list)
        )
        print(
            f"{card['model']:14} {card['dataset']:14} {card['parameters']:>10,} "
            f"{card['training']['seconds']:>8,.0f}  {figures}"
        )


def _brief(figure: Any) -> str:
    if isinstance(figure, dict):
        return "/".join(f"{value:g}" for value in figure.values())
    return f"{figure:g}"


if __name__ == "__main__":
    sys.exit(main())
