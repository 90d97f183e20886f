"""`train.py` as its users meet it: a process with options, a table, one sentence when it fails.

Most runs are of the linear model: it needs no data set and trains in a second.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from talk import ROOT
from waits import PATIENCE, wait_until

import generative
import train
from generative import checkpoints, seeds
from generative.autoencoders import linear
from generative.backend import tf
from generative.errors import TrainingError
from generative.training.runs import STATE, Run, TrainingRequest
from generative.training.trainer import Trainer

LINEAR = "linear-plane"
LONG = ["linear", "--epochs", "40", "--batch-size", "20", "--seed", "2"]
"""Batches so small end up to 2% above PCA, as the rate never falls; with this seed within 0.3%."""

TENSORFLOWS_OWN = re.compile(r"^(WARNING: All log messages before absl|[IWE]\d{4} )")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "train.py", *map(str, arguments)]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )


def complaint(stderr: str) -> str:
    """Return the one line on stderr that isn't TensorFlow's own."""
    lines = [line for line in stderr.splitlines() if not TENSORFLOWS_OWN.match(line)]
    assert len(lines) == 1, stderr
    assert lines[0].startswith("train.py")
    assert lines[0].endswith(".")
    return lines[0]


def card_in(folder: Path) -> dict:
    return checkpoints.read_card(LINEAR, folder)


def is_sound(folder: Path) -> bool:
    """Tell whether the linear checkpoint in `folder` can be read in full."""
    checkpoints.read_weights(LINEAR, card_in(folder), folder)
    return True


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run to the end: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("finished")
    result = run(*LONG, "--output", folder)
    assert result.returncode == 0, result.stderr[-2000:]
    return folder, result


# --- A run to the end ------------------------------------------------------------------------


def test_the_summary_is_a_table(finished):
    _, result = finished
    header, row = result.stdout.splitlines()
    assert header.split() == ["model", "data", "parameters", "seconds", "held-out", "figures"]
    assert row.split()[:3] == ["linear", "plane", "12"]
    assert re.search(r"\bmse 0\.\d+  pca_mse 0\.\d+$", row)


def test_progress_shows_the_epoch_and_the_loss(finished):
    _, result = finished
    assert "epoch=40/40" in result.stderr
    assert "loss=" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_card_says_how_to_do_it_again(finished):
    folder, _ = finished
    card = card_in(folder)
    assert (card["model"], card["dataset"], card["parameters"]) == ("linear", "plane", 12)
    assert card["configuration"] == {}
    about = card["training"]
    assert about["command"] == (
        "python train.py linear --dataset plane --epochs 40 --batch-size 20 --seed 2"
    )
    assert (about["seed"], about["epochs"], about["batch_size"]) == (2, 40, 20)
    assert about["epochs_done"] == 40
    assert about["limit"] is None
    assert about["optimizer"] == "sgd"
    assert about["seeding"] == seeds.SCHEME == "spawn-key"
    assert about["seconds"] > 0
    assert about["replicas"] == 1
    assert about["packages"].keys() == {"keras", "numpy", "tensorflow"}
    assert all(re.match(r"\d+\.\d+", version) for version in about["packages"].values())
    assert "commit" in about
    assert card["metrics"]["mse"] == pytest.approx(card["metrics"]["pca_mse"], rel=0.01)


def test_only_the_checkpoint_is_left(finished):
    folder, _ = finished
    names = sorted(path.name for path in (folder / LINEAR).iterdir())
    assert names == ["card.json", "model.weights.h5"]


def test_list_says_what_is_trained(finished, capsys):
    folder, _ = finished
    assert train.main(["list", "--output", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("linear ")
    assert lines[1].split() == ["plane", "trained"]
    every = sum(len(entry.checkpoints) for entry in train.models.MODELS.values())
    assert sum("no checkpoint" in line for line in lines) == every - 1


def test_evaluate_measures_again_and_notes_it(finished, capsys):
    folder, _ = finished
    card = card_in(folder)
    checkpoints.rewrite_card(LINEAR, {**card, "metrics": {}}, folder)
    assert train.main(["evaluate", "linear", "--output", str(folder)]) == 0
    assert "pca_mse" in capsys.readouterr().out
    assert card_in(folder) == card


def test_evaluate_takes_the_name_of_a_checkpoint_too(finished, capsys):
    folder, _ = finished
    assert train.main(["evaluate", LINEAR, "--output", str(folder)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


# --- Inside the process ----------------------------------------------------------------------

SHORT = TrainingRequest("linear", "plane", epochs=1, batch_size=500)
"""Two steps."""


def logged_steps(folder: Path) -> list[int]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / LINEAR), {"tensors": 0}).Reload()
    return [event.step for event in events.Tensors("loss")]


@pytest.fixture
def writers(monkeypatch):
    """The writers of logs that are made."""
    made, make = [], tf.summary.create_file_writer

    def keep(*arguments):
        made.append(make(*arguments))
        return made[-1]

    monkeypatch.setattr(tf.summary, "create_file_writer", keep)
    return made


def assert_closed(writers: list) -> None:
    (writer,) = writers
    with pytest.raises(RuntimeError, match="already closed"):
        writer.as_default()


def test_the_log_is_closed_when_the_run_ends(tmp_path, writers):
    list(Run(SHORT, tmp_path, log_dir=tmp_path / "logs").steps())
    assert_closed(writers)
    assert logged_steps(tmp_path / "logs") == [1, 2]


def test_the_log_is_closed_when_the_run_is_stopped(tmp_path, writers):
    steps = Run(SHORT, tmp_path, log_dir=tmp_path / "logs").steps()
    next(steps)
    steps.close()
    assert_closed(writers)
    assert logged_steps(tmp_path / "logs") == [1]


def test_no_log_is_begun_by_a_run_that_cannot_begin(tmp_path, writers):
    (tmp_path / LINEAR).mkdir()
    (tmp_path / LINEAR / STATE).touch()
    with pytest.raises(TrainingError, match="is damaged"):
        Run(SHORT, tmp_path, resume=True, log_dir=tmp_path / "logs")
    assert writers == []


def test_nothing_is_left_of_finding_out_whether_a_folder_can_be_written(tmp_path):
    Run(SHORT, tmp_path, log_dir=tmp_path / "logs")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("scheme", [None, seeds.FORMER_SCHEME])
def test_what_was_finished_with_another_scheme_of_seeds_is_kept(tmp_path, scheme):
    list(Run(SHORT, tmp_path).steps())
    card = card_in(tmp_path)
    assert card["training"].pop("seeding") == seeds.SCHEME
    if scheme is not None:
        card["training"]["seeding"] = scheme
    checkpoints.rewrite_card(LINEAR, card, tmp_path)
    assert list(Run(SHORT, tmp_path, resume=True).steps()) == []
    assert card_in(tmp_path) == card


def test_what_is_fitted_last_has_nothing_to_do_with_the_order_of_the_examples(
    tmp_path, monkeypatch
):
    shown = []

    def inputs(points, rng):
        shown.append((points, rng))
        return points

    config = replace(linear.TRAINING[""], inputs=inputs, finish=lambda *fitted: None)
    monkeypatch.setitem(linear.TRAINING, "", config)
    list(Run(SHORT, tmp_path).steps())
    (first, _), (second, _), (everything, rng) = shown
    order = np.concatenate([first, second])
    assert not np.array_equal(order, everything[rng.permutation(len(everything))])


@pytest.mark.data
def test_a_picture_model_end_to_end(tmp_path, capsys):
    arguments = ["shallow", "--dataset", "fashion_mnist", "--limit", 512, "--epochs", 2]
    arguments += ["--batch-size", 64, "--output", tmp_path]
    assert train.main([str(each) for each in arguments]) == 0
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split()[:3] == ["shallow", "fashion_mnist", "50,992"]
    card = checkpoints.read_card("shallow-fashion_mnist", tmp_path)
    assert card["configuration"] == {"code_size": 32}
    assert card["training"]["limit"] == 512
    assert card["training"]["command"] == (
        "python train.py shallow --dataset fashion_mnist --epochs 2 --batch-size 64 "
        "--limit 512 --seed 0"
    )
    metrics = card["metrics"]
    assert metrics.keys() == {"test_images", "mse", "bce", "bce_over_floor"}
    assert metrics["test_images"] == 512
    assert 0 < metrics["mse"] < 0.25  # a grey picture has at most a quarter
    assert 0 < metrics["bce_over_floor"] < metrics["bce"]
    assert generative.load("shallow-fashion_mnist", tmp_path).code_shape == (32,)
    assert train.main(["evaluate", "--limit", "512", "--output", str(tmp_path)]) == 0
    assert "test_images 512" in capsys.readouterr().out
    again = checkpoints.read_card("shallow-fashion_mnist", tmp_path)["metrics"]
    assert again == pytest.approx(metrics, rel=1e-3)


# --- Interruptions ---------------------------------------------------------------------------

save = Trainer.save


def save_and_interrupt(trainer: Trainer, path: Path) -> None:
    save(trainer, path)
    signal.raise_signal(signal.SIGINT)


def test_a_run_stopped_and_killed_ends_like_an_uninterrupted_one(
    finished, tmp_path, monkeypatch, capsys
):
    arguments = [*LONG, "--output", str(tmp_path)]
    state, card = tmp_path / LINEAR / STATE, tmp_path / LINEAR / checkpoints.CARD

    # Ctrl-C after the first epoch.
    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "save", save_and_interrupt)
        assert train.main(arguments) == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(
        "Stopped. Every complete epoch is kept; --resume continues after the last.\n"
    )
    assert is_sound(tmp_path)
    assert state.exists()
    done = card_in(tmp_path)["training"]["epochs_done"]
    assert done == 1

    # SIGKILL in the middle of the resumed run.
    seen = card.stat().st_mtime_ns
    process = subprocess.Popen(
        command(*arguments, "--resume"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def saved_again() -> bool:
        if card.stat().st_mtime_ns != seen:
            return True
        assert process.poll() is None, "the run ended too early"
        return False

    try:
        wait_until(saved_again, "the next epoch")
    finally:
        process.kill()
        process.wait()
    assert is_sound(tmp_path)
    assert card_in(tmp_path)["training"]["epochs_done"] > done

    # To the end.
    assert train.main([*arguments, "--resume"]) == 0
    assert card_in(tmp_path)["weights_sha256"] == card_in(finished[0])["weights_sha256"]
    assert card_in(tmp_path)["metrics"] == card_in(finished[0])["metrics"]
    assert not state.exists()


# --- Mistakes --------------------------------------------------------------------------------

MISTAKES = {
    "no command": ([], "the following arguments are required: COMMAND"),
    "unknown model": (["gan"], "invalid choice: 'gan'"),
    "unknown option": (["linear", "--epoch-count", "3"], "unrecognized arguments"),
    "another model's data": (["linear", "--dataset", "mnist"], "invalid choice: 'mnist'"),
    "epochs 0": (["linear", "--epochs", "0"], "Invalid number of epochs"),
    "epochs -1": (["linear", "--epochs", "-1"], "Invalid number of epochs"),
    "epochs NaN": (["linear", "--epochs", "nan"], "invalid int value: 'nan'"),
    "epochs inf": (["linear", "--epochs", "inf"], "invalid int value: 'inf'"),
    "epochs 1.5": (["linear", "--epochs", "1.5"], "invalid int value: '1.5'"),
    "epochs ''": (["linear", "--epochs", ""], "invalid int value: ''"),
    "epochs 10**9": (["linear", "--epochs", "1000000000"], "Invalid number of epochs"),
    "batch size 0": (["linear", "--batch-size", "0"], "Invalid batch size"),
    "seed -1": (["linear", "--seed", "-1"], "Invalid seed"),
    "seed 2**31": (["linear", "--seed", str(2**31)], "Invalid seed"),
    "seed of 400 digits": (["linear", "--seed", "9" * 400], "Invalid seed"),
    "limit 0": (["linear", "--limit", "0"], "Invalid limit"),
    "limit too large": (["linear", "--limit", "60001"], "Invalid limit"),
    "limit for all": (["all", "--limit", "0"], "Invalid limit"),
    "pictures to learn from": (["features"], "with --images"),
    "no such pictures": (
        ["features", "--images", "{empty}"],
        "There are no labelled pictures in",
    ),
    "a data set instead of pictures": (
        ["features", "--dataset", "mnist"],
        "unrecognized arguments: --dataset",
    ),
    "pictures for another": (["linear", "--images", "here"], "unrecognized arguments: --images"),
    "output a file": (["linear", "--output", "{file}"], "Could not write to"),
    "output in a file": (["linear", "--output", "{file}/folder"], "Could not write to"),
    "log folder a file": (["linear", "--epochs", "1", "--log-dir", "{file}"], "Could not write to"),
    "evaluate a gan": (["evaluate", "gan"], "There is no checkpoint of gan"),
    "evaluate a limit": (["evaluate", "--limit", "0"], "Invalid limit"),
    "evaluate nothing": (["evaluate", "shallow", "--output", "{empty}"], "train a model first"),
    "evaluate damage": (["evaluate", "--output", "{damaged}"], "cannot be used"),
    "a trial among the shipped models": (
        ["linear", "--limit", "5", "--output", "checkpoints"],
        "would replace a trained model of the program",
    ),
    "resume damage": (["linear", "--resume", "--output", "{damaged}"], "is damaged"),
    "another machine's share": (["linear"], "TF_CONFIG could not be used"),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> dict[str, Path]:
    """What the mistakes name: an empty file, an empty folder, and one of a damaged checkpoint."""
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "file").touch()
    (folder / "empty").mkdir()
    damaged = folder / "damaged" / LINEAR
    damaged.mkdir(parents=True)
    (damaged / checkpoints.CARD).write_text("{")
    (damaged / STATE).write_bytes(b"")
    return {"file": folder / "file", "empty": folder / "empty", "damaged": damaged.parent}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence_and_a_status(mistake, places, tmp_path, monkeypatch, capsys):
    words, expected = MISTAKES[mistake]
    arguments = [word.format_map(places) for word in words]
    if words and words[0] in ("linear", "features", "all") and "--output" not in words:
        arguments += ["--output", str(tmp_path / "new")]
    if mistake == "another machine's share":
        monkeypatch.setenv("TF_CONFIG", "nonsense")
    try:
        status = train.main(arguments)
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr()
    assert status in (1, 2), said.err
    assert said.out == "" or words[0] == "all"  # It first says what it leaves out.
    assert expected in complaint(said.err)
    assert len(said.err) < 700
