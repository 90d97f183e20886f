"""What the tests share: the environment, the running app, the browser, the rules for skipping."""

from __future__ import annotations

import ast
import functools
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hub_server
import pytest
from browser import MISSING, find_chromium, must_have_browser
from playwright.sync_api import Browser, Page, sync_playwright
from talk import ROOT, App, encoded, stroke
from xdist.scheduler import LoadScopeScheduling

START_SECONDS = 120
LOG_TAIL = 8_000
OF_THE_APP = {"running", "app_url", "app", "stroke_file"}
"""The fixtures that start the shared app."""

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
if os.environ.get("TFDS_DATA_DIR"):
    # A test may change the working directory, and the app runs in another process.
    os.environ["TFDS_DATA_DIR"] = str(Path(os.environ["TFDS_DATA_DIR"]).expanduser().resolve())

CHROMIUM_FLAGS = (
    "--no-sandbox",  # a container's root user can't have one
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--use-fake-device-for-media-stream",  # a camera that shows a moving pattern
    "--use-fake-ui-for-media-stream",
    # No name but the local ones resolves: a page that asks for another host can't reach it.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
LOCAL_HOSTS = ("127.0.0.1", "localhost")


def data_sets_are_here() -> bool:
    """True if MNIST and Fashion-MNIST are prepared where TensorFlow Datasets looks for them."""
    folder = Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
    return all((folder / name).is_dir() for name in ("mnist", "fashion_mnist"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip `data` tests without the data, mark those that use the browser; the app's come first."""
    no_data = pytest.mark.skip(
        reason="MNIST and Fashion-MNIST are not in TFDS_DATA_DIR or ~/tensorflow_datasets"
    )
    have_data = data_sets_are_here()
    for item in items:
        if item.get_closest_marker("data") and not have_data:
            item.add_marker(no_data)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items.sort(key=lambda item: not uses_the_app(item.nodeid.partition("::")[0]))


class OneWorkerForTheApp(LoadScopeScheduling):  # type: ignore[misc]
    """One worker runs every test of the app, so one app is started; any other file has one too.

    The tests of a file share its fixtures. (pytest-xdist 3.8's own `loadgroup` renames tests in a
    way that pytest 9.2 ignores.)
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the app" if uses_the_app(file) else file


@functools.cache
def uses_the_app(file: str) -> bool:
    """True if a test or fixture of a file, named from the root, asks for the shared app."""
    functions = ast.walk(ast.parse((ROOT / file).read_text()))
    return any(
        not OF_THE_APP.isdisjoint(argument.arg for argument in function.args.args)
        for function in functions
        if isinstance(function, ast.FunctionDef)
        and (function.name.startswith("test_") or function.decorator_list)
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerForTheApp:
    """Share the tests out by `OneWorkerForTheApp`, in their order.

    As a rule, files of many tests come first, and a long one of a few keeps all waiting at the end.
    """
    config.option.loadscopereorder = False
    return OneWorkerForTheApp(config, log)


# --- The app ---------------------------------------------------------------------------------


@dataclass
class RunningApp:
    """One `app.py` in a process of its own, its output in a file."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def output(self) -> str:
        """Return the end of what the app has printed."""
        return self.log.read_text(errors="replace")[-LOG_TAIL:]

    def wait_until_it_answers(self) -> None:
        """Return when the page is there; fail the test with the app's output if it never is."""
        # Without proxies: one from the environment would be asked for 127.0.0.1.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.fail(f"app.py ended ({self.process.returncode}):\n{self.output()}", False)
            try:
                with opener.open(self.url, timeout=5):
                    return
            except urllib.error.HTTPError as error:
                error.close()
                pytest.fail(f"app.py answers with HTTP {error.code}:\n{self.output()}", False)
            except OSError:
                time.sleep(0.2)
        pytest.fail(f"app.py gave no answer in {START_SECONDS} s:\n{self.output()}", False)

    def stop(self) -> None:
        """End the process, by force if it doesn't want to."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


RUNNING = pytest.StashKey[list[RunningApp]]()


@pytest.fixture(scope="session")
def launch_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., RunningApp]]:
    """A function that starts `app.py` with the given options and environment, and returns it.

    Every app so started runs until the end of the session.
    """
    running = request.config.stash.setdefault(RUNNING, [])

    def launch(*options: str, **environment: str) -> RunningApp:
        folder = tmp_path_factory.mktemp("app")
        port = _free_port()
        log = folder / "app.log"
        command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port), *options]
        settings = {
            "PYTHONUNBUFFERED": "1",
            # Uploads and cached examples of an earlier session must not answer in this one.
            "GRADIO_TEMP_DIR": str(folder / "files"),
            "GRADIO_EXAMPLES_CACHE": str(folder / "examples"),
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **settings, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        app = RunningApp(process, f"http://127.0.0.1:{port}", log)
        running.append(app)
        app.wait_until_it_answers()
        return app

    yield launch
    for app in running:
        app.stop()


@pytest.fixture(scope="session")
def running(launch_app: Callable[..., RunningApp]) -> RunningApp:
    """One app over the checkpoints of the repository, with tools and figures, for all tests.

    A second one would load every model again, which takes half a minute of computing.
    """
    return launch_app("--checkpoints", str(ROOT / "checkpoints"), "--mcp", "--metrics")


@pytest.fixture(scope="session")
def app_url(running: RunningApp) -> str:
    """The base URL of that app."""
    return running.url


@pytest.fixture(scope="session")
def app(app_url: str) -> App:
    """The same app, spoken to over HTTP."""
    return App(app_url)


@pytest.fixture(scope="session")
def stroke_file(app: App) -> dict[str, Any]:
    """An uploaded 28×28 picture: the stroke."""
    return app.upload(encoded(stroke()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the app's output under a failed test that used it."""
    report = yield
    if report.failed and "launch_app" in getattr(item, "fixturenames", ()):
        for app in item.config.stash.get(RUNNING, []):
            report.sections.append((f"Output of the app at {app.url}", app.output()))
    return report


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# --- The browser -----------------------------------------------------------------------------


@dataclass
class Problems:
    """What a page must not have done by the end of its test."""

    allowed: tuple[str, ...]
    found: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Note `problem` unless the test's `allow_console` marker matches it."""
        if not any(re.search(pattern, problem) for pattern in self.allowed):
            self.found.append(problem)

    def check_request(self, url: str) -> None:
        """Note a request that leaves this machine."""
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOCAL_HOSTS:
            self.found.append(f"request to another host: {url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; its tests are skipped where there is none, and fail under CI."""
    path = find_chromium()
    if path is None:
        (pytest.fail if must_have_browser() else pytest.skip)(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh page. The test fails if the page logs an error or asks another host for anything.

    `@pytest.mark.allow_console("pattern", ...)` lets expected console errors pass.
    """
    marker = request.node.get_closest_marker("allow_console")
    problems = Problems(allowed=marker.args if marker else ())
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="en-US",
        reduced_motion="reduce",  # Painting the films' frames would take time from the app.
    )
    context.on("request", lambda sent: problems.check_request(sent.url))
    new_page = context.new_page()
    new_page.on("console", lambda m: problems.add(m.text) if m.type == "error" else None)
    new_page.on("pageerror", lambda error: problems.add(f"uncaught: {error}"))
    new_page.on("websocket", lambda socket: problems.check_request(socket.url))
    yield new_page
    context.close()
    if problems.found:
        pytest.fail("The page had problems:\n" + "\n".join(problems.found), pytrace=False)


# --- The Hub ---------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[hub_server.Hub]:
    """A Hub of this machine, empty; its client has an empty cache and may write."""
    from huggingface_hub import constants

    with hub_server.running() as server:
        template = f"{server.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("HF_TOKEN", hub_server.WRITER)
        yield server
