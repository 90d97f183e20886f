from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from talk import ROOT

import generative
from generative import checkpoints
from generative.errors import CheckpointError, TrainingError

LINEAR = "linear-plane"
ABOUT = {"parameters": 12, "training": {"seconds": 1.0}, "metrics": {}}
CARD = {"model": "linear", "dataset": "plane", "configuration": {}, **ABOUT}
SHALLOW = {"model": "shallow", "dataset": "mnist", "configuration": {"code_size": 32}, **ABOUT}


def linear_weights(value: float) -> dict[str, np.ndarray]:
    return {
        "linear/encoder/kernel": np.full((3, 2), value, np.float32),
        "linear/decoder/kernel": np.full((2, 3), value, np.float32),
    }


OLD, NEW, NEWER = (linear_weights(value) for value in (1.0, 2.0, 3.0))


def h5(fill: Callable[[h5py.File], object]) -> bytes:
    """Return the content of an HDF5 file."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def plant(directory: Path, blob: bytes, card: object = CARD, name: str = LINEAR) -> None:
    """Lay down a checkpoint by hand: these weights, and this card with their hash."""
    if isinstance(card, dict):
        digest = hashlib.sha256(blob).hexdigest()
        card = {"format": checkpoints.FORMAT, **ABOUT, "weights_sha256": digest, **card}
    folder = directory / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / checkpoints.WEIGHTS).write_bytes(blob)
    (folder / checkpoints.CARD).write_text(json.dumps(card))


def read(directory: Path, name: str = LINEAR) -> dict[str, np.ndarray]:
    return checkpoints.read_weights(name, checkpoints.read_card(name, directory), directory)


def value_in(directory: Path) -> float:
    """Return the one value that all weights of a checkpoint have."""
    (value,) = {number for array in read(directory).values() for number in array.ravel().tolist()}
    return value


def refuses(directory: Path, complaint: str, name: str = LINEAR) -> None:
    """Assert that loading fails with one line that names the checkpoint and says `complaint`."""
    with pytest.raises(CheckpointError, match=complaint) as caught:
        generative.load(name, directory)
    assert repr(name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def written(tmp_path):
    """A folder with one good checkpoint, whose weights are 1."""
    checkpoints.write(LINEAR, CARD, OLD, tmp_path)
    return tmp_path


# --- Good checkpoints ------------------------------------------------------------------------


def test_what_is_written_is_read(tmp_path):
    card = checkpoints.write(LINEAR, {**CARD, "note": "α"}, OLD, tmp_path)
    assert card["format"] == checkpoints.FORMAT
    assert card["note"] == "α"
    assert checkpoints.read_card(LINEAR, tmp_path) == card
    arrays = read(tmp_path)
    assert arrays.keys() == OLD.keys()
    for path, array in arrays.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, OLD[path])


def test_there_are_two_files_and_the_card_has_the_hash(written):
    folder = written / LINEAR
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "model.weights.h5"]
    blob = (folder / "model.weights.h5").read_bytes()
    card = json.loads((folder / "card.json").read_text())
    assert card["weights_sha256"] == hashlib.sha256(blob).hexdigest()


def test_weights_are_rounded_to_float16(tmp_path):
    third = {"linear/encoder/kernel": np.full((3, 2), 1 / 3, np.float32)}
    checkpoints.write(LINEAR, CARD, third, tmp_path)
    # The float16 next to 1/3 is 1365 / 4096.
    np.testing.assert_array_equal(read(tmp_path)["linear/encoder/kernel"], np.float32(1365 / 4096))


def test_the_same_weights_make_the_same_file(tmp_path):
    hashes = [
        checkpoints.write(LINEAR, CARD, OLD, tmp_path / name)["weights_sha256"] for name in "ab"
    ]
    assert hashes[0] == hashes[1]


def test_available_lists_folders_with_a_card(tmp_path):
    assert checkpoints.available(tmp_path) == []
    assert checkpoints.available(tmp_path / "nowhere") == []
    for name in ("b-mnist", "a-mnist"):
        plant(tmp_path, b"", CARD, name)
    (tmp_path / "c-mnist").mkdir()
    assert checkpoints.available(tmp_path) == ["a-mnist", "b-mnist"]
    assert generative.available(str(tmp_path)) == ["a-mnist", "b-mnist"]


def test_a_folder_of_broken_entries_gets_a_sentence_for_each_and_keeps_the_good(written):
    (written / "file").touch()
    (written / "self").symlink_to("self")
    (written / "dangling").symlink_to("nowhere")
    (written / "empty").mkdir()
    for name, make in STRANGE.items():
        (written / name).mkdir()
        make(written / name / checkpoints.CARD)
    for name in ("two\nlines", "bad\udcff"):
        plant(written, b"", CARD, name)
    found = checkpoints.available(written)
    assert set(found) - set(STRANGE) == {LINEAR}
    for name in set(found) - {LINEAR}:
        refuses(written, "its card is not readable JSON", name)
    assert value_in(written) == 1


def test_a_checkpoint_loads_as_a_model(written):
    model = generative.load(LINEAR, written)
    # Each coding is 1 + 2 + 3 = 6, each coordinate of the reconstruction 6 + 6 = 12.
    points = np.array([[1, 2, 3]], np.float32)
    np.testing.assert_array_equal(model.encode(points), [[6, 6]])
    np.testing.assert_array_equal(model.reconstruct(points), [[12, 12, 12]])
    assert model.card == checkpoints.read_card(LINEAR, written)


def test_a_card_can_be_replaced_alone(written):
    card = checkpoints.read_card(LINEAR, written)
    checkpoints.rewrite_card(LINEAR, {**card, "metrics": {"mse": 0.5}}, written)
    assert checkpoints.read_card(LINEAR, written)["metrics"] == {"mse": 0.5}
    assert value_in(written) == 1


# --- Which checkpoint ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ".", "..", "nothing", "linear-plane/", "x\0", None, 3])
def test_an_unknown_checkpoint_is_refused_and_the_known_are_listed(written, name):
    refuses(written, "Found here: linear-plane", name)


@pytest.mark.parametrize("make", ["../{}", "inner/../../{}", "{root}/{}", "./{}", "..\\{}"])
def test_a_path_is_no_checkpoint(tmp_path, make):
    checkpoints.write(LINEAR, CARD, OLD, tmp_path)
    checkpoints.write("inner", CARD, OLD, tmp_path / "folder")
    refuses(tmp_path / "folder", "There is no checkpoint", make.format(LINEAR, root=tmp_path))


def test_a_missing_folder_is_said(tmp_path):
    refuses(tmp_path / "nowhere", r"Found here: none\. Make it with train\.py\.")


# --- Damaged weights -------------------------------------------------------------------------


def test_missing_weights_are_said(written):
    (written / LINEAR / checkpoints.WEIGHTS).unlink()
    refuses(written, "its weights are missing")


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_truncated_weights_are_refused(written, share):
    path = written / LINEAR / checkpoints.WEIGHTS
    os.truncate(path, int(path.stat().st_size * share))
    refuses(written, "do not match the hash")


def test_one_flipped_bit_is_noticed(written):
    path = written / LINEAR / checkpoints.WEIGHTS
    blob = bytearray(path.read_bytes())
    blob[-1] ^= 1
    path.write_bytes(blob)
    refuses(written, "do not match the hash")


def test_weights_of_another_checkpoint_are_refused(written):
    checkpoints.write("other", CARD, NEW, written)
    shutil.copy(written / "other" / checkpoints.WEIGHTS, written / LINEAR / checkpoints.WEIGHTS)
    refuses(written, "do not match the hash")


def test_too_large_a_file_is_refused_unread(written):
    os.truncate(written / LINEAR / checkpoints.WEIGHTS, checkpoints.MAX_BYTES + 1)
    refuses(written, "larger than 8 MB")


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


STRANGE = {
    "an endless device": endless,
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a loop": loop,
}
"""Makes of what is no regular file, by what they make."""


@pytest.mark.parametrize("kind", STRANGE)
def test_weights_that_are_no_regular_file_are_refused_unread(written, kind):
    path = written / LINEAR / checkpoints.WEIGHTS
    content = path.read_bytes()
    path.unlink()
    STRANGE[kind](path)
    refuses(written, "its weights are not a regular file that can be read")
    # Weights that a kill left pending do as well.
    (written / LINEAR / checkpoints.PENDING).write_bytes(content)
    assert value_in(written) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path, bad):
    weights = linear_weights(1)
    weights["linear/encoder/kernel"][1, 1] = bad
    plant(
        tmp_path,
        h5(lambda f: [f.create_dataset(k, data=v, dtype="f2") for k, v in weights.items()]),
    )
    refuses(tmp_path, "not all finite")


FOREIGN = {
    "not HDF5": b"PK\x03\x04 something else",
    "empty": b"",
    "float32": h5(lambda f: f.create_dataset("a", data=np.zeros(3, np.float32))),
    "float64": h5(lambda f: f.create_dataset("a", data=np.zeros(3))),
    "integers": h5(lambda f: f.create_dataset("a", data=np.zeros(3, np.int16))),
    "big-endian": h5(lambda f: f.create_dataset("a", data=np.zeros(3, ">f2"))),
    "text": h5(lambda f: f.create_dataset("a", data="hello")),
    "text list": h5(lambda f: f.create_dataset("a", data=["hello", "you"])),
    "references": h5(lambda f: f.create_dataset("a", data=[f.ref], dtype=h5py.ref_dtype)),
    "compound": h5(lambda f: f.create_dataset("a", data=np.zeros(3, [("x", "f2")]))),
    "array elements": h5(lambda f: f.create_dataset("a", (3,), np.dtype(("f2", (2,))))),
    "no dataspace": h5(lambda f: f.create_dataset("a", data=h5py.Empty("f2"))),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_weights_are_refused(tmp_path, kind):
    plant(tmp_path, FOREIGN[kind])
    refuses(tmp_path, "its weights are not in this program's format")


def _all_but_the_decoder(file: h5py.File) -> None:
    file.create_dataset("linear/encoder/kernel", data=np.ones((3, 2), np.float16))


MISFITS = {
    "nothing": lambda f: None,
    "one missing": _all_but_the_decoder,
    "a group instead": lambda f: (_all_but_the_decoder(f), f.create_group("linear/decoder/kernel")),
    "another shape": lambda f: (
        _all_but_the_decoder(f),
        f.create_dataset("linear/decoder/kernel", data=np.ones((3, 2), np.float16)),
    ),
    "one number": lambda f: (
        _all_but_the_decoder(f),
        f.create_dataset("linear/decoder/kernel", data=np.float16(1)),
    ),
    "one too many": lambda f: (
        _all_but_the_decoder(f),
        f.create_dataset("linear/decoder/kernel", data=np.ones((2, 3), np.float16)),
        f.create_dataset("linear/decoder/bias", data=np.ones(3, np.float16)),
    ),
    "a soft link": lambda f: (
        _all_but_the_decoder(f),
        f.create_dataset("hidden", data=np.ones((2, 3), np.float16)),
        f.create_group("linear/decoder").__setitem__("kernel", h5py.SoftLink("/hidden")),
    ),
}


@pytest.mark.parametrize("kind", MISFITS)
def test_weights_that_do_not_fit_are_refused(tmp_path, kind):
    plant(tmp_path, h5(MISFITS[kind]))
    refuses(tmp_path, "its weights do not fit the model on its card")


OUTSIDE = """
import os, sys
from pathlib import Path
import h5py
import numpy as np
sys.path.insert(0, "tests")
from test_checkpoints import LINEAR, h5, plant, read
from generative.errors import CheckpointError

folder = Path(sys.argv[1])
outside = str(folder / "outside.h5")
with h5py.File(outside, "w") as file:
    file["secret"] = np.full((3, 2), 7, np.float16)

def external_link(file):
    file["linear/encoder/kernel"] = h5py.ExternalLink(outside, "secret")

def external_storage(file):
    file.create_dataset("linear/encoder/kernel", (3, 2), "f2", external=[(outside, 0, 12)])

def virtual(file):
    layout = h5py.VirtualLayout((3, 2), "f2")
    layout[:] = h5py.VirtualSource(outside, "secret", (3, 2))
    file.create_virtual_dataset("linear/encoder/kernel", layout)

for kind in (external_link, external_storage, virtual):
    child = os.fork()
    if not child:
        plant(folder, h5(kind))
        try:
            print("read", list(read(folder)), flush=True)
        except CheckpointError as error:
            print("refused", flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, kind
"""


def test_nothing_outside_the_file_is_read(tmp_path):
    # In processes of their own: HDF5 itself may crash on a file that points outside.
    command = [sys.executable, "-c", OUTSIDE, str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr[-2000:]
    # A link is passed over, so that the weight is missing; data kept elsewhere is refused at once.
    assert result.stdout == "read []\nrefused\nrefused\n"


@pytest.mark.parametrize("options", [{}, {"compression": "gzip"}], ids=["unwritten", "compressed"])
def test_a_small_file_cannot_unpack_to_a_large_one(tmp_path, options):
    def bomb(file: h5py.File) -> None:
        for name in "abcdefgh":  # 4 MB each, from a file of a few KB
            file.create_dataset(name, (2**21,), np.float16, chunks=(2**20,), **options)
            if options:
                file[name][:] = 0

    plant(tmp_path, h5(bomb))
    with pytest.raises(CheckpointError, match="cannot be used"):
        read(tmp_path)


def test_damage_under_a_fitting_hash_is_refused_or_harmless(tmp_path):
    sound = h5(lambda f: [f.create_dataset(k, data=v, dtype="f2") for k, v in OLD.items()])
    rng = np.random.default_rng(0)
    outcomes = set()
    for _ in range(400):
        blob = bytearray(sound)
        for place in rng.integers(len(blob), size=3):
            blob[place] = rng.integers(256)
        plant(tmp_path, bytes(blob))
        try:
            outcomes.add({array.dtype for array in read(tmp_path).values()} <= {np.dtype("f4")})
        except CheckpointError:
            outcomes.add("refused")
    assert outcomes == {True, "refused"}


# --- Damaged cards ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff\xfe", b'{"format": 1', b"\x00" * 100, b"[" * 100_000, b"1" * 10_000],
    ids=["empty", "open", "not UTF-8", "truncated", "zeros", "deep", "long number"],
)
def test_a_card_that_is_not_json_is_refused(written, text):
    (written / LINEAR / checkpoints.CARD).write_bytes(text)
    refuses(written, "its card is not readable JSON")


@pytest.mark.parametrize("kind", ["an endless device", "a pipe", "a folder"])
def test_a_card_that_is_no_regular_file_is_refused_unread(written, kind):
    card = written / LINEAR / checkpoints.CARD
    text = card.read_text()
    card.unlink()
    STRANGE[kind](card)
    refuses(written, "its card is not readable JSON")
    card.rmdir() if kind == "a folder" else card.unlink()
    card.write_text(text)
    assert value_in(written) == 1


def test_too_large_a_card_is_refused_unread(written):
    card = written / LINEAR / checkpoints.CARD
    text = card.read_text()
    card.write_text(text + " " * (checkpoints.MAX_CARD_BYTES - len(text)))
    assert value_in(written) == 1
    card.write_text(text + " " * (checkpoints.MAX_CARD_BYTES - len(text) + 1))
    refuses(written, "its card is not readable JSON")


@pytest.mark.parametrize("card", [[], [CARD], "linear", 3, None, True])
def test_a_card_that_is_not_an_object_is_refused(tmp_path, card):
    plant(tmp_path, b"", card)
    refuses(tmp_path, "its card is not in this program's format")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 0},
        {"format": 2},
        {"format": "1"},
        {"format": None},
        {"model": None},
        {"model": ["linear"]},
        {"dataset": 3},
        {"configuration": []},
        {"configuration": None},
        {"weights_sha256": None},
        {"weights_sha256": 0},
        {"parameters": "many"},
        {"training": None},
        {"training": []},
        {"metrics": []},
    ],
    ids=str,
)
def test_a_card_with_a_field_of_another_type_is_refused(tmp_path, change):
    plant(tmp_path, b"", {**CARD, **change})
    with pytest.raises(CheckpointError, match="its card is not in this program's format"):
        checkpoints.read_card(LINEAR, tmp_path)


@pytest.mark.parametrize("model", ["", "gan", "../linear", "os", "generative.autoencoders.linear"])
def test_a_card_of_an_unknown_model_is_refused(tmp_path, model):
    plant(tmp_path, b"", {**CARD, "model": model})
    refuses(tmp_path, "this program does not know")


@pytest.mark.parametrize(
    "configuration",
    [
        {},
        {"code_size": 0},
        {"code_size": -1},
        {"code_size": 10**9},
        {"code_size": 32.5},
        {"code_size": "32"},
        {"code_size": None},
        {"code_size": [32]},
        {"size": 32},
        {"code_size": 32, "name": 1},
    ],
    ids=str,
)
def test_a_card_with_another_configuration_is_refused(tmp_path, configuration):
    plant(tmp_path, h5(lambda f: None), {**SHALLOW, "configuration": configuration}, "x")
    refuses(tmp_path, "its configuration is not one of a shallow model", "x")


def test_a_configuration_that_does_not_fit_the_weights_is_refused(tmp_path):
    plant(tmp_path, h5(lambda f: None), {**SHALLOW, "configuration": {"code_size": 31}}, "x")
    refuses(tmp_path, "its weights do not fit the model on its card", "x")


GIANT = """
import resource, sys
sys.path.insert(0, "tests")
from pathlib import Path
from test_checkpoints import h5, plant, refuses
from generative import models

folder = Path(sys.argv[1])
sizes = dict.fromkeys(models.module("denoiser").TRAINING[""].configuration, 4096)
card = {"model": "denoiser", "dataset": "mnist", "configuration": sizes}
plant(folder, h5(lambda f: None), card, "x")
resource.setrlimit(resource.RLIMIT_AS, (8 * 2**30, 8 * 2**30))
refuses(folder, "cannot be used", "x")
"""


def test_a_card_cannot_ask_for_a_network_that_fills_the_memory(tmp_path):
    command = [sys.executable, "-c", GIANT, str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr[-2000:]


# --- Writing is atomic -----------------------------------------------------------------------


class Killed(BaseException):
    """Stands for the end of the process."""


class Operations:
    """Counts the file operations that make a change last; from the k-th on, none happens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.last = 0
        for name in ("replace", "fsync"):
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))
        # A killed process does not tidy up either.
        unlink = Path.unlink
        monkeypatch.setattr(
            Path, "unlink", lambda *a, **k: None if self._over() else unlink(*a, **k)
        )

    def allow(self, count: int) -> None:
        self.count, self.last = 0, count

    def _over(self) -> bool:
        return self.count >= self.last

    def _counted(self, operation: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if self._over():
                raise Killed
            self.count += 1
            return operation(*arguments, **options)

        return call


@pytest.fixture
def operations(monkeypatch):
    return Operations(monkeypatch)


def write_until_killed(operations: Operations, count: int, arrays: dict, directory: Path) -> bool:
    """Write a checkpoint; return whether it was done before the kill after `count` operations."""
    operations.allow(count)
    try:
        checkpoints.write(LINEAR, CARD, arrays, directory)
    except Killed:
        return False
    return True


STEPS = 20
"""More file operations than one write makes."""


def test_a_kill_at_any_moment_leaves_the_old_checkpoint_or_the_new(tmp_path, operations):
    seen = []
    for count in range(STEPS):
        folder = tmp_path / str(count)
        assert write_until_killed(operations, STEPS, OLD, folder)
        done = write_until_killed(operations, count, NEW, folder)
        seen.append(value_in(folder))
        if done:
            break
    assert done
    assert seen[0] == 1
    assert seen[-1] == 2
    assert seen == sorted(seen)  # there is one moment at which it changes


def test_a_kill_of_the_first_write_leaves_nothing_or_a_whole_checkpoint(tmp_path, operations):
    for count in range(STEPS):
        folder = tmp_path / str(count)
        done = write_until_killed(operations, count, NEW, folder)
        if checkpoints.available(folder):
            assert value_in(folder) == 2
        if done:
            break
    assert done
    assert checkpoints.available(tmp_path / "0") == []


def test_a_second_kill_does_no_more_harm_than_the_first(tmp_path, operations):
    for first in range(STEPS):
        for second in range(STEPS):
            folder = tmp_path / f"{first}-{second}"
            write_until_killed(operations, STEPS, OLD, folder)
            first_done = write_until_killed(operations, first, NEW, folder)
            before = value_in(folder)
            second_done = write_until_killed(operations, second, NEWER, folder)
            assert value_in(folder) in (before, 3), f"killed after {first}, then after {second}"
            if second_done:
                break
        assert second_done
        if first_done:
            break
    assert first_done


def test_what_a_kill_leaves_behind_does_not_hurt_the_next_write(tmp_path, operations):
    for count in range(STEPS):
        folder = tmp_path / str(count)
        write_until_killed(operations, STEPS, OLD, folder)
        done = write_until_killed(operations, count, NEW, folder)
        assert write_until_killed(operations, STEPS, NEWER, folder)
        assert value_in(folder) == 3
        if done:
            break
    assert done


def test_half_written_leftovers_are_ignored(written):
    (written / LINEAR / checkpoints.PENDING).write_bytes(b"half")
    assert value_in(written) == 1
    checkpoints.write(LINEAR, CARD, NEW, written)
    assert value_in(written) == 2
    assert not (written / LINEAR / checkpoints.PENDING).exists()


@pytest.mark.parametrize("kind", ["an endless device", "a pipe", "a loop"])
def test_a_leftover_that_is_no_regular_file_is_replaced(written, kind):
    STRANGE[kind](written / LINEAR / checkpoints.PENDING)
    checkpoints.write(LINEAR, CARD, NEW, written)
    assert value_in(written) == 2


def test_what_a_kill_left_is_swept_by_a_later_write(written):
    left = [
        written / LINEAR / f".{name}.{'4' * 32}" for name in (checkpoints.CARD, checkpoints.PENDING)
    ]
    for path in left:
        path.write_bytes(b"half")
        os.utime(path, (0, 0))
    checkpoints.rewrite_card(LINEAR, checkpoints.read_card(LINEAR, written), written)
    assert [path.exists() for path in left] == [False, True]
    checkpoints.write(LINEAR, CARD, NEW, written)
    names = sorted(path.name for path in (written / LINEAR).iterdir())
    assert names == ["card.json", "model.weights.h5"]


@pytest.mark.parametrize("operation", ["replace", "fsync"])
def test_a_full_disk_is_one_sentence_and_keeps_the_old_checkpoint(written, monkeypatch, operation):
    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, operation, fail)
        with pytest.raises(
            TrainingError, match=r"No space left on device; free some space"
        ) as full:
            checkpoints.write(LINEAR, CARD, NEW, written)
        with pytest.raises(TrainingError, match="No space left on device"):
            checkpoints.rewrite_card(LINEAR, CARD, written)
    assert "\n" not in str(full.value)
    assert value_in(written) == 1
    names = sorted(path.name for path in (written / LINEAR).iterdir())
    assert names == ["card.json", "model.weights.h5"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TrainingError, match=r"^Could not write to .*file.*: Not a directory; "):
        checkpoints.write(LINEAR, CARD, OLD, tmp_path / "file")


def test_a_folder_without_permission_is_said(written, monkeypatch):
    def refuse(*arguments: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(TrainingError, match="Permission denied"):
        checkpoints.write(LINEAR, CARD, NEW, written)
    assert value_in(written) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, 70_000], ids=["nan", "inf", "beyond float16"])
def test_weights_that_could_not_be_read_back_are_not_written(written, bad):
    with pytest.raises(TrainingError, match="finite"):
        checkpoints.write(LINEAR, CARD, linear_weights(bad), written)
    assert value_in(written) == 1
