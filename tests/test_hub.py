"""Checkpoints on the Hub: published to a server of our own by the Hub's client, and fetched."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import hub_server
import numpy as np
import pytest
import yaml
from hub_server import READER, WRITER, Hub
from huggingface_hub import constants
from huggingface_hub.repocard_data import model_index_to_eval_results

import app
import generative
import train
from generative import checkpoints
from generative.checkpoints import CARD, SHIPPED, WEIGHTS
from generative.errors import CheckpointError, GenerativeError, HubError, InputError
from generative.hub import model_card, publishing, upload
from generative.hub.addresses import Address, parse
from generative.hub.errors import readable_hub_errors
from generative.hub.fetching import checkpoint_folder, fetch
from generative.hub.upload import Target, Upload

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
"""The Hub's client sends large files in a way that its own HTTP library advises against."""

NAME = "ada/play"
LINEAR, SHALLOW = "linear-plane", "shallow-mnist"
BOTH = [LINEAR, SHALLOW]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small checkpoints."""
    for name in BOTH:
        shutil.copytree(SHIPPED / name, tmp_path / "checkpoints" / name)
    return tmp_path / "checkpoints"


@pytest.fixture
def published(hub: Hub, folder: Path) -> Hub:
    """The Hub, which has both."""
    publish(folder)
    hub.requests.clear()
    return hub


def publish(folder: Path, target: Target | None = None) -> Upload:
    prepared = publishing.prepare_checkpoints(target or Target(NAME), folder)
    if prepared:
        upload.send(prepared, "Checkpoints")
    return prepared


def contents(folder: Path, *names: str) -> dict[str, bytes]:
    """Return the files of some checkpoints as the Hub names them."""
    return {
        f"{name}/{file}": (folder / name / file).read_bytes()
        for name in names
        for file in (CARD, WEIGHTS)
    }


def change_card(folder: Path, name: str, **figures: Any) -> None:
    card = checkpoints.read_card(name, folder)
    checkpoints.rewrite_card(name, {**card, "metrics": {**card["metrics"], **figures}}, folder)


def check_sentence(error: BaseException, *words: str) -> None:
    """Fail unless an error is one sentence with these words, and none of this machine's paths."""
    said = str(error)
    assert said.endswith(".")
    assert "\n" not in said
    assert "/tmp" not in said
    assert "Traceback" not in said
    for word in words:
        assert word in said, said


# --- Addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b", Address("a/b")),
        ("a/b@main", Address("a/b", revision="main")),
        ("A-1/b_2.c:vae-mnist-z2", Address("A-1/b_2.c", "vae-mnist-z2")),
        ("a/b:vae@refs/pr/1", Address("a/b", "vae", "refs/pr/1")),
    ],
)
def test_an_address_is_read_and_written(text, expected):
    assert parse(text) == expected
    assert str(expected) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "a",
            "a/b/c",
            "/b",
            "a/",
            "a/b:",
            "a/b@",
            "a/b:@main",
            "a//b",
            "../b",
            "a/..",
            "a/.b",
        ),
        *(
            "a/.b",
            "a/b--c",
            "a/b.git",
            "a/b c",
            "a/b\n",
            "ä/b",
            "a/b:x/y",
            "a/b:..",
            "a/b:x*",
            "a/b:[x]",
        ),
        *("a/b@../x", "a/b@-x", "a/b@x y", "a/b@/x", "a/b@x..y", "https://a/b", f"a/{'b' * 97}"),
    ],
)
def test_what_is_no_address_is_one_sentence(text):
    with pytest.raises(InputError) as caught:
        parse(text)
    check_sentence(caught.value, "expected")


# --- The model card --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    """The front matter of the model card of all shipped checkpoints, as the Hub reads it."""
    cards = {name: checkpoints.read_card(name) for name in checkpoints.available()}
    return yaml.safe_load(model_card.render(NAME, cards).split("---\n")[1])


def test_the_front_matter_says_what_the_hub_looks_for(metadata):
    assert metadata["library_name"] == "generative-playground"
    assert metadata["license"] == "apache-2.0"
    assert metadata["datasets"] == ["ylecun/mnist", "zalando-datasets/fashion_mnist"]
    assert {"denoiser", "vae"} <= set(metadata["tags"])


def test_the_index_has_the_figures_of_every_card(metadata):
    index = {entry["name"]: entry["results"] for entry in metadata["model-index"]}
    assert list(index) == checkpoints.available()
    (reached,) = index["denoiser-mnist"]
    assert reached["task"] == {"type": "image-to-image"}
    assert reached["dataset"] == {"name": "MNIST digits", "type": "ylecun/mnist", "split": "test"}
    assert len(reached["metrics"]) == 10
    measured = checkpoints.read_card("denoiser-mnist")["metrics"]["speckle_0.5"]["psnr_db"]
    assert {
        "type": "psnr_db",
        "name": "PSNR (dB), speckle noise of 0.5",
        "value": measured,
    } in reached["metrics"]


def test_the_hubs_own_reader_takes_the_index(metadata):
    for entry in metadata["model-index"]:
        name, results = model_index_to_eval_results([entry])
        assert name == entry["name"]
        assert all(isinstance(result.metric_value, int | float) for result in results)


def test_a_card_without_figures_is_shown_all_the_same():
    card = {**checkpoints.read_card(LINEAR), "metrics": {}}
    text = model_card.render(NAME, {LINEAR: card})
    assert "model-index: []" in text
    assert "Not measured" in text


# --- Publishing ------------------------------------------------------------------------------


def test_all_of_a_checkpoint_is_published_and_a_card_of_all(hub, folder):
    prepared = publish(folder)
    assert {line.split()[0] for line in prepared.lines()} == {"add"}
    there = hub.model(NAME)
    assert not there.private
    files = there.files()
    text = files.pop("README.md").decode()
    assert files == {**hub_server.ATTRIBUTES, **contents(folder, *BOTH)}
    assert f"hub:{NAME}" in text
    assert "| `shallow-mnist` | 784 → 32 → 784 | MNIST digits | 50,992 |" in text
    assert there.messages == ["initial commit", "Checkpoints"]


def test_what_has_not_changed_is_not_sent_again(published, folder):
    again = publish(folder)
    assert not again
    assert again.lines() == []
    assert not published.asked("^(POST|PUT)")


def test_what_has_changed_alone_is_sent(published, folder):
    change_card(folder, SHALLOW, mse=0.5)
    prepared = publish(folder)
    assert prepared.files.keys() == {"README.md", f"{SHALLOW}/{CARD}"}
    assert {line.split()[0] for line in prepared.lines()} == {"change"}
    assert not published.asked("^PUT /large/")
    assert json.loads(published.model(NAME).files()[f"{SHALLOW}/{CARD}"])["metrics"]["mse"] == 0.5


def test_after_a_failure_what_has_arrived_is_not_sent_again(hub, folder):
    hub.statuses[r"/commit/"] = 500
    with pytest.raises(HubError) as caught:
        publish(folder)
    check_sentence(caught.value, NAME, "HTTP 500")
    assert len(hub.asked("^PUT /large/")) == 2
    hub.statuses.clear()
    hub.requests.clear()
    publish(folder)
    assert not hub.asked("^PUT /large/")
    assert contents(folder, *BOTH).items() <= hub.model(NAME).files().items()


def test_checkpoints_of_others_stay_and_stay_in_the_model_card(published, folder, tmp_path):
    shutil.copytree(SHIPPED / "shallow-fashion_mnist", tmp_path / "other/shallow-fashion_mnist")
    publish(tmp_path / "other")
    files = published.model(NAME).files()
    assert contents(folder, *BOTH).items() <= files.items()
    text = files["README.md"].decode()
    assert all(f"- name: {name}\n" in text for name in (*BOTH, "shallow-fashion_mnist"))


def test_a_branch_is_made_and_the_main_one_stays(published, folder):
    before = published.model(NAME).files()
    change_card(folder, LINEAR, mse=0.25)
    target = Target(NAME, branch="next")
    prepared = publish(folder, target)
    assert prepared.files.keys() == {"README.md", f"{LINEAR}/{CARD}"}
    assert published.model(NAME).files("main") == before
    assert contents(folder, *BOTH).items() <= published.model(NAME).files("next").items()
    assert target.url == f"{published.url}/{NAME}/tree/next"
    assert not publish(folder, target)


def test_a_private_repository_is_made_private(hub, folder):
    publish(folder, Target(NAME, private=True))
    assert hub.model(NAME).private
    assert not publish(folder, Target(NAME, private=True))


def test_a_public_repository_is_not_taken_for_a_private_one(published, folder):
    with pytest.raises(InputError) as caught:
        publish(folder, Target(NAME, private=True))
    check_sentence(caught.value, NAME, "is public", "--private")


def test_a_damaged_checkpoint_is_not_published(hub, folder):
    (folder / SHALLOW / WEIGHTS).write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match="hash"):
        publish(folder)
    assert hub.requests == []


def test_nothing_to_publish_is_one_sentence(hub, tmp_path):
    with pytest.raises(InputError, match="train a model first"):
        publishing.prepare_checkpoints(Target(NAME), tmp_path)


def test_a_change_by_somebody_else_is_not_overwritten(published, folder):
    change_card(folder, LINEAR, mse=0.25)
    prepared = publishing.prepare_checkpoints(Target(NAME), folder)
    published.put(NAME, {"README.md": b"by somebody else"})
    with pytest.raises(HubError) as caught:
        upload.send(prepared, "Checkpoints")
    check_sentence(caught.value, NAME, "somebody else")
    assert published.model(NAME).files()["README.md"] == b"by somebody else"


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("", None, ["HF_TOKEN", "hf auth login"]),
        ("hf_wrong", None, ["HF_TOKEN", "hf auth login"]),
        (READER, None, ["Your token", "does not allow"]),
        (WRITER, 402, ["paid account"]),
        (WRITER, 429, ["too many requests"]),
        (WRITER, 418, ["HTTP 418"]),
    ],
)
def test_why_it_is_not_published_is_one_sentence(hub, folder, monkeypatch, token, status, words):
    monkeypatch.setenv("HF_TOKEN", token)
    if status:
        hub.statuses["POST /api/repos/create"] = status
    with pytest.raises(HubError) as caught:
        publish(folder)
    check_sentence(caught.value, NAME, *words)


def test_publishing_without_a_connection_is_one_sentence(hub, folder, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError) as caught:
        publish(folder)
    check_sentence(caught.value, "HF_HUB_OFFLINE", NAME)


# --- Fetching --------------------------------------------------------------------------------


def test_what_was_published_is_fetched(published, folder):
    there = fetch(Address(NAME), [*BOTH, "vae-mnist-z2"])
    assert checkpoints.available(there) == BOTH
    assert contents(there, *BOTH) == contents(folder, *BOTH)
    for name in BOTH:
        assert checkpoints.read_weights(name, checkpoints.read_card(name, there), there)


def test_nothing_but_cards_and_weights_is_fetched(hub, folder):
    hub.put(
        NAME,
        {
            **contents(folder, SHALLOW, LINEAR),
            f"{SHALLOW}/more/{CARD}": b"{}",
            f"{SHALLOW}/setup.py": b"raise SystemExit",
            "__init__.py": b"raise SystemExit",
            "card.json": b"{}",
        },
    )
    there = fetch(Address(NAME, SHALLOW))
    got = sorted(str(path.relative_to(there)) for path in there.rglob("*") if path.is_file())
    assert got == [f"{SHALLOW}/{CARD}", f"{SHALLOW}/{WEIGHTS}"]
    assert len(hub.asked("/resolve/.*/(__init__|setup)")) == 0
    assert len(hub.asked("GET /elsewhere/")) == 1


def test_the_token_stays_with_the_hub(published):
    fetch(Address(NAME), BOTH)
    assert published.asked("GET /elsewhere/")
    assert published.tokens_elsewhere == []


def test_what_is_in_the_cache_is_not_fetched_again(published):
    fetch(Address(NAME, SHALLOW))
    published.requests.clear()
    fetch(Address(NAME, SHALLOW))
    assert published.requests == [f"GET /api/models/{NAME}"]


def test_a_new_commit_is_fetched_and_of_it_only_what_changed(published, folder):
    fetch(Address(NAME), BOTH)
    change_card(folder, SHALLOW, mse=0.5)
    publish(folder)
    published.requests.clear()
    there = fetch(Address(NAME), BOTH)
    assert checkpoints.read_card(SHALLOW, there)["metrics"]["mse"] == 0.5
    assert not published.asked("GET /elsewhere/")


@pytest.mark.parametrize("revision", ["v1", "refs/pr/1", "commit"])
def test_a_revision_is_fetched_as_it_was(hub, folder, revision):
    commit = hub.put(NAME, contents(folder, LINEAR), "main" if revision == "commit" else revision)
    hub.put(NAME, contents(folder, SHALLOW))
    address = Address(NAME, LINEAR, commit if revision == "commit" else revision)
    assert checkpoints.available(fetch(address)) == [LINEAR]


def test_a_transfer_that_breaks_off_goes_on_where_it_was(published, folder, monkeypatch):
    chunk = 1024
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", chunk)
    weights = (folder / SHALLOW / WEIGHTS).read_bytes()
    published.cut.add(hub_server.sha256(weights))
    there = fetch(Address(NAME, SHALLOW))
    assert (there / SHALLOW / WEIGHTS).read_bytes() == weights
    assert len(published.asked("GET /elsewhere/")) == 2
    assert len(weights) <= published.sent < len(weights) + chunk


def test_a_fetch_that_was_stopped_goes_on_with_what_is_missing(published):
    published.statuses[rf"/resolve/.*/{SHALLOW}/{WEIGHTS}"] = 403
    with pytest.raises(HubError):
        fetch(Address(NAME), BOTH)
    published.statuses.clear()
    published.requests.clear()
    fetch(Address(NAME), BOTH)
    assert published.asked("GET /elsewhere/") == published.asked("GET /elsewhere/")[:1]


def test_what_is_damaged_in_the_cache_is_fetched_again(published):
    there = fetch(Address(NAME, SHALLOW))
    (there / SHALLOW / WEIGHTS).resolve().write_bytes(b"damaged")
    assert fetch(Address(NAME, SHALLOW)) == there
    assert checkpoints.read_weights(SHALLOW, checkpoints.read_card(SHALLOW, there), there)


@pytest.mark.parametrize("file", [CARD, WEIGHTS])
def test_what_was_tampered_with_is_one_sentence(hub, folder, file):
    files = contents(folder, SHALLOW)
    files[f"{SHALLOW}/{file}"] = files[f"{SHALLOW}/{file}"][:-1] + b"!"
    hub.put(NAME, files)
    with pytest.raises(CheckpointError) as caught:
        fetch(Address(NAME, SHALLOW))
    check_sentence(caught.value, f"{NAME}:{SHALLOW}", "does not match the hash on its card")


def test_a_card_without_weights_is_one_sentence(hub, folder):
    files = contents(folder, SHALLOW)
    del files[f"{SHALLOW}/{WEIGHTS}"]
    hub.put(NAME, files)
    with pytest.raises(CheckpointError) as caught:
        fetch(Address(NAME, SHALLOW))
    check_sentence(caught.value, f"{NAME}:{SHALLOW}")


@pytest.mark.parametrize("file", [CARD, WEIGHTS])
def test_what_is_too_large_is_not_fetched(hub, folder, file):
    large = {f"{SHALLOW}/{file}": bytes(checkpoints.MAX_BYTES + 1)}
    hub.put(NAME, {**contents(folder, SHALLOW), **large})
    with pytest.raises(CheckpointError) as caught:
        fetch(Address(NAME, SHALLOW))
    check_sentence(caught.value, f"{NAME}:{SHALLOW}", file, "8.0 MB")
    assert not hub.asked("/resolve/")


def test_an_unknown_checkpoint_is_one_sentence(published):
    with pytest.raises(CheckpointError) as caught:
        fetch(Address(NAME, "gan-mnist"))
    check_sentence(caught.value, "gan-mnist", NAME, f"{LINEAR}, {SHALLOW}")


def test_a_repository_without_checkpoints_is_one_sentence(hub):
    hub.put(NAME, {"model.safetensors": b"0"})
    with pytest.raises(CheckpointError) as caught:
        fetch(Address(NAME), BOTH)
    check_sentence(caught.value, NAME, "none")


def test_a_private_repository_is_fetched_by_its_owner(published):
    published.model(NAME).private = True
    assert fetch(Address(NAME, LINEAR)).is_dir()


@pytest.mark.parametrize(
    ("token", "status", "address", "words"),
    [
        ("", None, Address("ada/nothing"), ["ada/nothing", "private", "HF_TOKEN"]),
        (WRITER, None, Address("ada/nothing"), ["ada/nothing", "private", "HF_TOKEN"]),
        ("hf_wrong", None, Address(NAME), [NAME, "valid token", "HF_TOKEN"]),
        (WRITER, None, Address(NAME, revision="v9"), [f"{NAME}@v9", "revision"]),
        (WRITER, 403, Address(NAME), [NAME, "does not allow"]),
        (WRITER, 429, Address(NAME), [NAME, "too many requests", "HF_HUB_OFFLINE=1"]),
        (WRITER, 503, Address(NAME), [NAME, "HTTP 503", "later"]),
    ],
)
def test_why_it_is_not_fetched_is_one_sentence(
    published, monkeypatch, token, status, address, words
):
    monkeypatch.setenv("HF_TOKEN", token)
    if status:
        published.statuses[f"GET /api/models/{NAME}$"] = status
    with pytest.raises(HubError) as caught:
        fetch(address, BOTH)
    check_sentence(caught.value, *words)


def test_a_refusal_of_a_file_is_one_sentence(published):
    published.statuses[f"/resolve/.*/{WEIGHTS}"] = 403
    with pytest.raises(HubError) as caught:
        fetch(Address(NAME, LINEAR))
    check_sentence(caught.value, NAME, "does not allow")


def test_a_hub_that_is_down_is_done_without_where_the_cache_has_all(published):
    there = fetch(Address(NAME), BOTH)
    published.statuses["."] = 503
    assert fetch(Address(NAME), BOTH) == there


def test_without_a_connection_the_cache_serves(published, monkeypatch):
    there = fetch(Address(NAME), BOTH)
    published.requests.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetch(Address(NAME), BOTH) == there
    assert published.requests == []


def test_without_a_connection_the_client_logs_nothing(published, monkeypatch, caplog):
    fetch(Address(NAME, LINEAR))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    fetch(Address(NAME, LINEAR))
    assert caplog.records == []


def test_without_a_connection_and_a_cache_it_is_one_sentence(published, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError) as caught:
        fetch(Address(NAME), BOTH)
    check_sentence(caught.value, "HF_HUB_OFFLINE", NAME)


def test_without_a_connection_half_a_cache_is_one_sentence(published, monkeypatch):
    fetch(Address(NAME, LINEAR))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert fetch(Address(NAME, LINEAR)).is_dir()
    with pytest.raises(HubError) as caught:
        fetch(Address(NAME, SHALLOW))
    check_sentence(caught.value, "HF_HUB_OFFLINE", NAME)


def test_without_a_connection_a_damaged_cache_is_one_sentence(published, monkeypatch):
    there = fetch(Address(NAME, SHALLOW))
    (there / SHALLOW / WEIGHTS).resolve().write_bytes(b"damaged")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(GenerativeError) as caught:
        fetch(Address(NAME, SHALLOW))
    check_sentence(caught.value, "HF_HUB_OFFLINE", f"{NAME}:{SHALLOW}")


def test_a_hub_that_cannot_be_reached_is_one_sentence(hub, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError) as caught:
        fetch(Address(NAME), BOTH)
    check_sentence(caught.value, NAME, "cannot be reached")


def test_a_cache_that_cannot_be_written_is_one_sentence(published, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file"))
    with pytest.raises(HubError) as caught:
        fetch(Address(NAME), BOTH)
    check_sentence(caught.value, NAME)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/tmp/x"), ["No space left on device"]),
        (OSError("Consistency check failed\nin /tmp/x"), ["transfer", "OSError"]),
        (PermissionError("the storage refuses"), ["transfer", "PermissionError"]),
        (RuntimeError("the storage\nfailed"), ["transfer", "RuntimeError"]),
        (httpx2.ReadTimeout("slow"), ["cannot be reached"]),
        (httpx2.ProxyError("proxy"), ["cannot be reached"]),
    ],
)
def test_other_errors_of_the_client_are_one_sentence(error, words):
    with pytest.raises(HubError) as caught, readable_hub_errors(NAME):
        raise error
    check_sentence(caught.value, NAME, *words)


# --- The programs ----------------------------------------------------------------------------


def test_train_py_publishes_and_says_where(hub, folder, capsys):
    arguments = ["publish", "--repo", NAME, "--private", "--output", str(folder)]
    assert train.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("add     README.md (")
    assert lines[-1] == f"Sent: {hub.url}/{NAME}"
    assert len(lines) == 6
    assert hub.model(NAME).private
    assert train.main(arguments) == 0
    assert capsys.readouterr().out == f"Nothing has changed: {hub.url}/{NAME}\n"


def test_a_dry_run_sends_nothing(hub, folder, capsys):
    assert train.main(["publish", "--repo", NAME, "--dry-run", "--output", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [
        ["add", "README.md"],
        ["add", f"{LINEAR}/{CARD}"],
    ]
    assert lines[-1] == f"Not sent, as this is a dry run: {hub.url}/{NAME}"
    assert hub.repositories == {}
    assert not hub.asked("^(POST|PUT)")


def test_train_py_says_in_one_sentence_why_it_cannot_publish(hub, folder, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", READER)
    assert train.main(["publish", "--repo", NAME, "--output", str(folder)]) == 1
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "train.py" in line)
    assert line.startswith("train.py: Your token does not allow this")
    assert train.main(["publish", "--repo", "nonsense", "--output", str(folder)]) == 1
    assert "expected OWNER/NAME" in capsys.readouterr().err


def test_a_checkpoint_is_loaded_from_the_hub(hub, folder):
    hub.put(NAME, contents(folder, LINEAR), "v1")
    hub.put(NAME, {"README.md": b"gone"})
    points = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    loaded = generative.load(f"{NAME}:{LINEAR}@v1")
    np.testing.assert_array_equal(
        loaded.reconstruct(points), generative.load(LINEAR).reconstruct(points)
    )


def test_an_address_without_a_checkpoint_is_not_loaded(hub):
    with pytest.raises(InputError) as caught:
        generative.load(NAME)
    check_sentence(caught.value, NAME, "OWNER/NAME:CHECKPOINT")
    assert hub.requests == []


def test_what_is_asked_of_a_folder_is_never_asked_of_the_hub(published, folder):
    with pytest.raises(CheckpointError):
        generative.load(f"{NAME}:{LINEAR}", folder)
    assert published.requests == []


def test_the_app_serves_what_is_on_the_hub(published, monkeypatch, capsys):
    shelves = []
    blocks = SimpleNamespace(launch=lambda **_: None)
    monkeypatch.setattr(app, "build", lambda shelf, with_tools: shelves.append(shelf) or blocks)
    monkeypatch.setattr("sys.argv", ["app.py", "--checkpoints", f"hub:{NAME}@main"])
    app.launch(app.parse())
    (shelf,) = shelves
    assert checkpoints.available(shelf.directory) == BOTH
    assert shelf.directory.is_relative_to(constants.HF_HUB_CACHE)


def test_a_folder_stays_a_folder(tmp_path):
    assert checkpoint_folder(str(tmp_path)) == tmp_path
