"""The README and the pages it links to hold true: commands, code, figures and links."""

from __future__ import annotations

import re
import shlex
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import yaml
from readme import BODY, FRONT_MATTER, PAGES, README, blocks
from talk import ROOT

import train
from benchmarks import cards
from generative import checkpoints, cli, images

SPACE = yaml.safe_load(FRONT_MATTER)
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def commands(*first: str) -> list[list[str]]:
    """Return the arguments of every such command in the blocks of shell commands."""
    lines = "".join("".join(blocks("sh", text)) for text in PAGES.values()).splitlines()
    words = [shlex.split(line, comments=True) for line in lines if line.startswith(first[0])]
    return [line[len(first) :] for line in words if line[: len(first)] == list(first)]


def training_commands() -> list[list[str]]:
    """Return the arguments of every `python train.py`."""
    return commands("python", "train.py")


def programs() -> list[list[str]]:
    """Return the arguments of every `python -m generative`."""
    return commands("python", "-m", "generative")


# --- Front matter and commands ---------------------------------------------------------------


def test_a_space_can_be_made_of_it():
    assert SPACE["sdk"] == "gradio"
    assert SPACE["license"] == "apache-2.0"
    assert (ROOT / SPACE["app_file"]).is_file()
    assert {SPACE["colorFrom"], SPACE["colorTo"]} <= COLOURS
    assert len(SPACE["short_description"]) <= 60


def test_the_space_gets_the_gradio_of_the_requirements():
    required = re.search(r"^gradio==(\d+\.\d+)\.\*$", (ROOT / "requirements.txt").read_text(), re.M)
    assert SPACE["sdk_version"].rpartition(".")[0] == required[1]
    assert version("gradio").startswith(f"{required[1]}.")


def test_the_two_commands_come_first():
    first, second = (
        line for line in blocks("sh")[0].splitlines() if line and not line.startswith("#")
    )
    assert BODY.lstrip().startswith("```sh\n")
    assert shlex.split(first, comments=True) == ["make", "app"]
    assert shlex.split(second, comments=True) == ["make", "test"]


@pytest.mark.parametrize("arguments", training_commands(), ids=" ".join)
def test_the_command_line_takes_its_commands(arguments):
    train.parse(arguments)


def test_it_names_every_model_and_option(capsys):
    for name in train.models.MODELS:
        assert f"| `{name}` |" in BODY
    with pytest.raises(SystemExit):
        train.parse(["denoiser", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options
    for option in options:
        assert f"| `{option}" in BODY


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page):
    links = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", PAGES[page])
    local = [a or b for a, b in links if not (a or b).startswith("https://")]
    assert local
    for link in local:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in headings(PAGES[target]), link


def headings(text: str) -> list[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


# --- Code ------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # It is closed at once.
def test_its_library_and_style_transfer_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for example in (blocks("python")[0], next(x for x in blocks("python") if "stylize" in x)):
        exec(example, {})
    printed = capsys.readouterr().out
    before, after = map(float, re.search(r"PSNR (.*) dB before, (.*) dB after", printed).groups())
    assert after > before + 5
    assert "(85, 128, 3)" in printed
    assert images.decode(tmp_path / "cat.png").shape == (85, 128, 3)


@pytest.mark.parametrize("arguments", programs(), ids=" ".join)
def test_the_command_line_for_files_takes_its_commands(arguments):
    cli.parse(arguments)


# --- Figures ---------------------------------------------------------------------------------


def test_its_figures_are_those_of_the_cards():
    assert cards.insert(README, cards.figures()) == README, "run python -m benchmarks.cards"


@pytest.fixture
def folder(tmp_path):
    """A README and a checkpoint whose card says a little."""
    (tmp_path / "README.md").write_text(f"Before\n{cards.BEGIN}\n{cards.END}\nAfter\n")
    metrics = {"test_images": 10_000, "gaussian_0.5": {"psnr_db": 19.876, "ssim": 0.7194}}
    card = {
        "model": "denoising",
        "dataset": "mnist",
        "configuration": {},
        "parameters": 743_747,
        "training": {"seconds": 630.0},
        "metrics": metrics,
    }
    checkpoints.write("denoising-mnist", card, {"a": np.zeros(1, np.float32)}, tmp_path)
    return tmp_path


def options(folder: Path, *more: str) -> list[str]:
    return ["--readme", str(folder / "README.md"), "--checkpoints", str(folder), *more]


def test_the_tables_are_written_between_the_markers(folder):
    assert cards.main(options(folder)) == 0
    text = (folder / "README.md").read_text()
    assert text.startswith(f"Before\n{cards.BEGIN}\n")
    assert text.endswith(f"\n{cards.END}\nAfter\n")
    assert "19.88 / .719" in text
    assert "743,747" in text
    assert "10 min" in text
    assert "10,000 test pictures" in text


def test_unclipped_noise_has_a_table_of_its_own(tmp_path):
    found = {
        f"unclipped_gaussian_{level}": {"psnr_db": 30.0 - index, "ssim": 0.9}
        for index, level in enumerate(("0.1", "0.2", "0.5", "1"))
    }
    card = {
        "model": "blind",
        "dataset": "mnist",
        "configuration": {},
        "parameters": 1,
        "training": {"seconds": 630.0},
        "metrics": {"test_images": 10_000, **found},
        "samples": {"frechet_generated": 1.234},
    }
    checkpoints.write("blind-mnist", card, {"a": np.zeros(1, np.float32)}, tmp_path)
    made = cards.figures(tmp_path)
    assert "**Denoising**" not in made
    cells = r"30\.00 / \.900 \| 29\.00 / \.900 \| 28\.00 / \.900 \| 27\.00 / \.900 \| +1\.23 \|"
    assert re.search(cells, made)


def test_check_tells_stale_tables_and_leaves_them(folder, capsys):
    stale = (folder / "README.md").read_text()
    assert cards.main(options(folder, "--check")) == 1
    assert "stale" in capsys.readouterr().err
    assert (folder / "README.md").read_text() == stale


def test_check_is_content_with_fresh_tables(folder):
    cards.main(options(folder))
    assert cards.main(options(folder, "--check")) == 0


def test_without_checkpoints_it_says_so(tmp_path):
    assert cards.figures(tmp_path) == cards.NOTHING


def test_a_readme_without_markers_is_refused():
    with pytest.raises(ValueError, match="Expected each of the lines"):
        cards.insert("no markers", "figures")
