"""Speaking to the running app over HTTP, and pictures to send it."""

from __future__ import annotations

import base64
import http.client
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image, ImageDraw
from waits import wait_until

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 300
HALF_A_GREY = 0.51 / 255
"""What a pixel in [0, 1] changes by at most when it becomes one of 256 greys, and a hundredth."""


# --- Talking to the app ----------------------------------------------------------------------


@dataclass
class Answer:
    """What the app said to one request.

    Attributes:
        frames: data of all events that carried some; the last one is the result.
        error: the message, if it was an error.
    """

    frames: list[Any]
    error: Any = None

    @property
    def result(self) -> Any:
        """The result; fails the test if there is an error instead."""
        assert self.error is None, self.error
        return self.frames[-1]


@dataclass
class App:
    """A running app, spoken to over sockets: no client library repairs a wrong request."""

    url: str

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "application/json"):
        """Return status and content."""
        connection = self.connect()
        try:
            connection.request(method, path, body or None, {"Content-Type": kind})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return status and text."""
        connection = self.connect()
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def health(self, **headers: str) -> tuple[int, str]:
        """Return status and what the app says of its health."""
        status, answer = self.get("/healthz", **headers)
        said = json.loads(answer)
        return status, said.get("detail") or said["status"]

    def wait_until_ready(self) -> None:
        """Return when its models are loaded, or cannot be."""
        wait_until(lambda: self.health()[0] != 503, "the models")

    def running_jobs(self, queue: str) -> int:
        """Return how many jobs of a queue are running."""
        _, figures = self.get("/metrics")
        (count,) = re.findall(
            rf'^playground_queue_running_jobs{{queue="{queue}"}} (\d+)', figures, re.MULTILINE
        )
        return int(count)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection."""
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT)

    def upload(self, content: bytes, name: str = "picture.png") -> dict[str, Any]:
        """Upload a file and return how a request names it."""
        status, answer = self.send_file(content, name)
        assert status == 200, answer
        return file_data(json.loads(answer)[0])

    def send_file(self, content: bytes, name: str):
        """Return status and answer of an upload."""
        line = "e5b1c0ffee"
        head = (
            f'--{line}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{line}--\r\n".encode()
        path = "/gradio_api/upload"
        return self.send("POST", path, body, f"multipart/form-data; boundary={line}")

    def call(self, name: str, *arguments: Any) -> Answer:
        """Send a request to a named endpoint and wait for its end."""
        return self.call_raw(name, json.dumps({"data": arguments}))

    def call_raw(self, name: str, body: str) -> Answer:
        """`call` with a body that need not be valid JSON."""
        status, answer = self.send("POST", f"/gradio_api/call/{name}", body.encode())
        assert status == 200, answer
        return self.read(name, json.loads(answer)["event_id"])

    def read(self, name: str, event: str) -> Answer:
        """Read the stream of a request to its end."""
        status, stream = self.send("GET", f"/gradio_api/call/{name}/{event}")
        assert status == 200, stream
        answer, kind = Answer([]), ""
        for line in stream.decode().splitlines():
            field, _, value = line.partition(": ")
            if field == "event":
                kind = value
            elif field == "data" and kind == "error":
                sent = json.loads(value)
                answer.error = sent.get("error", "") if isinstance(sent, dict) else sent
                answer.error = "" if answer.error is None else answer.error
            elif field == "data" and kind in ("generating", "complete"):
                answer.frames.append(json.loads(value))
        assert kind in ("complete", "error"), stream[-300:]
        return answer

    def join(self, session: str, function: int, arguments: list[Any], event: Any = None) -> None:
        """Send a request as the page does; `listen` reads the answer."""
        body = {"data": arguments, "fn_index": function, "session_hash": session}
        status, answer = self.send(
            "POST", "/gradio_api/queue/join", json.dumps({**body, "event_data": event}).encode()
        )
        assert status == 200, answer

    def listen(self, session: str) -> Iterator[dict[str, Any]]:
        """Yield the messages to a session; leaving the loop hangs up."""
        connection = self.connect()
        try:
            connection.request("GET", f"/gradio_api/queue/data?session_hash={session}")
            for line in connection.getresponse():
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            connection.close()

    def functions(self) -> list[dict[str, Any]]:
        """Return what the page knows of every handler."""
        status, config = self.send("GET", "/config")
        assert status == 200
        return json.loads(config)["dependencies"]


def file_data(path: Any, **more: Any) -> dict[str, Any]:
    """Name a file on the server as a request does."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}, **more}


def is_a_sentence(message: Any) -> bool:
    """True if a reader can use the message, and learns nothing of the machine from it."""
    return (
        isinstance(message, str)
        and len(message) > 15
        and message[0].isupper()
        and message.endswith(".")
        and not re.search(
            r"\n|Traceback|/tmp|/home|/\w+\.py\b|site-packages|object at 0x|^None", message
        )
        and str(ROOT) not in message
    )


# --- Pictures --------------------------------------------------------------------------------


def stroke(side: int = 28, ink: int = 230, ground: int = 0) -> Image.Image:
    """A thick slanted stroke with a grey one across it."""
    image = Image.new("L", (side, side), ground)
    draw = ImageDraw.Draw(image)
    draw.line((0.35 * side, 0.8 * side, 0.6 * side, 0.2 * side), fill=ink, width=max(2, side // 9))
    draw.line((0.3 * side, 0.5 * side, 0.7 * side, 0.55 * side), fill=(ink + ground) // 2, width=2)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo() -> bytes:
    """A photo of a dark stroke on a light ground, as JPEG."""
    return encoded(stroke(300, ink=40, ground=235).convert("RGB"), "JPEG", quality=95)


def pixels_of(uri: str) -> np.ndarray:
    """Return (1, 28, 28, 1) float32 from a PNG data URL."""
    head, _, content = uri.partition(",")
    assert head == "data:image/png;base64"
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    assert (image.mode, image.size) == ("L", (28, 28))
    return (np.asarray(image, np.float32) / 255).reshape(1, 28, 28, 1)


def as_images(image: Image.Image) -> np.ndarray:
    """Return a 28×28 picture as the models take it."""
    return (np.asarray(image.convert("L"), np.float32) / 255).reshape(1, 28, 28, 1)


def huge_png(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its few pixels don't fill."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG: its length, its kind, its content and their checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
