"""The app as an MCP server, spoken to by the real client."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
from datetime import timedelta

import numpy as np
import pytest
from loops import run_async
from PIL import Image
from talk import HALF_A_GREY, App, as_images, encoded, is_a_sentence, stroke

import generative
from app import launch
from generative import images
from generative.data import noise
from generative.style_transfer.settings import PaintingSettings
from generative.ui.options import parse
from generative.ui.server.startup_checks import StartError

mcp = pytest.importorskip("mcp")
from mcp.client.streamable_http import streamablehttp_client  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PATIENCE = timedelta(seconds=300)


def speak(url, *calls):
    """Return the tools by name, and the result of every call (tool, arguments)."""

    async def conversation():
        async with (
            streamablehttp_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            mcp.ClientSession(read, write, read_timeout_seconds=PATIENCE) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            return tools, [await session.call_tool(*call) for call in calls]

    return run_async(conversation)


def call(url, tool, **arguments):
    """Return the picture of a tool's answer, its address and its figures."""
    _, [result] = speak(url, (tool, arguments))
    assert not result.isError, result.content
    picture, address, figures = result.content
    assert picture.mimeType == "image/png"
    file = base64.b64decode(picture.data)
    return file, address.text.removeprefix("Image URL: "), figures.text


def pixels(file):
    return np.asarray(Image.open(io.BytesIO(file)), np.float32)[None, ..., None] / 255


def data_url(image=None):
    content = base64.b64encode(encoded(image or stroke())).decode()
    return f"data:image/png;base64,{content}"


def test_it_offers_five_tools_whose_arguments_are_typed_and_described(app_url):
    tools, _ = speak(app_url)
    assert list(tools) == ["denoise", "sample", "interpolate", "stylize", "reconstruct"]
    for tool in tools.values():
        assert len(tool.description) > 80
        for argument in tool.inputSchema["properties"].values():
            assert argument["type"] in ("string", "number", "integer")
            assert len(argument["description"]) > 10
    level = tools["denoise"].inputSchema["properties"]["level"]
    assert (level["type"], level["minimum"], level["maximum"], level["default"]) == (
        "number",
        0,
        1,
        0.5,
    )
    assert tools["stylize"].inputSchema["properties"]["size"]["type"] == "integer"
    assert tools["stylize"].inputSchema["required"] == ["content", "style"]


def test_denoise_takes_a_data_url_and_gives_a_file(app_url):
    file, address, _ = call(app_url, "denoise", picture=data_url())
    expected = generative.load("denoiser-mnist").reconstruct(as_images(stroke()))
    np.testing.assert_allclose(pixels(file), expected, atol=HALF_A_GREY)
    status, content = App(app_url).send("GET", address.removeprefix(app_url))
    assert status == 200
    np.testing.assert_allclose(pixels(content), expected, atol=HALF_A_GREY)


def test_denoise_measures_what_it_spoils(app_url):
    _, _, figures = call(app_url, "denoise", picture=data_url(), kind="gaussian", level=0.4, seed=3)
    clean = as_images(stroke())
    mse = float(((noise.add_noise(clean, "gaussian", 0.4, 3) - clean) ** 2).mean())
    found = json.loads(figures.replace("'", '"'))
    assert found["psnr_db_before"] == pytest.approx(-10 * np.log10(mse), abs=0.001)
    assert found["psnr_db_after"] > found["psnr_db_before"]


def test_an_uploaded_file_is_taken_by_its_path_and_by_its_address(app_url):
    path = App(app_url).upload(encoded(stroke()))["path"]
    by_url = call(app_url, "reconstruct", picture=data_url())
    for sent in (path, f"{app_url}/gradio_api/file={path}"):
        assert call(app_url, "reconstruct", picture=sent)[0] == by_url[0]
    assert "'code_size': 12544" in by_url[2]


def test_sample_and_interpolate_give_sheets(app_url):
    file, _, figures = call(app_url, "sample", model="cvae", n=12, seed=2)
    assert pixels(file).shape == (1, 58, 298, 1)
    assert figures.count("'") == 2 + 2 * 12
    sevens = generative.load("cvae-mnist-z16").sample(1, seed=4, labels=7)
    file, _, _ = call(app_url, "sample", model="cvae", n=1, seed=4, label="7")
    np.testing.assert_allclose(pixels(file), sevens, atol=HALF_A_GREY)
    other = data_url(stroke().transpose(Image.Transpose.ROTATE_90))
    file, _, _ = call(app_url, "interpolate", a=data_url(), b=other, steps=8)
    assert pixels(file).shape == (1, 28, 8 * 30 - 2, 1)


def test_stylize_paints_and_keeps_its_settings(app_url):
    photo = data_url(Image.effect_noise((90, 60), 60).convert("RGB"))
    file, address, figures = call(app_url, "stylize", content=photo, style=photo, size=72, steps=3)
    assert images.decode(file).shape == (48, 72, 3)
    assert "style_loss" in figures
    # A client may encode the picture anew, so the note is read from the file that is served.
    _, content = App(app_url).send("GET", address.removeprefix(app_url))
    assert PaintingSettings.from_text(images.read_note(content)).size == 72


def test_every_refusal_is_one_sentence(app_url):
    good = data_url()
    _, results = speak(
        app_url,
        ("denoise", {"picture": good, "level": 2, "kind": "gaussian"}),
        ("denoise", {"picture": "https://example.org/cat.png"}),
        ("denoise", {"picture": "/etc/passwd"}),
        ("denoise", {"picture": "data:image/png;base64,!"}),
        ("denoise", {"picture": "data:image/png;base64," + base64.b64encode(b"no").decode()}),
        ("sample", {"model": "z16", "label": "7"}),
        ("stylize", {"content": good, "style": good}),
    )
    for result in results:
        assert result.isError
        message = result.content[0].text
        assert message.count("\n") == 0 or "validation" in message
        assert is_a_sentence(message.splitlines()[0]) or "validation" in message, message


def test_without_the_package_one_sentence_says_so(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *a: None if name == "mcp" else find(name, *a)
    )
    with pytest.raises(StartError, match='pip install "mcp') as caught:
        launch(parse(["--mcp"]))
    assert is_a_sentence(str(caught.value))
