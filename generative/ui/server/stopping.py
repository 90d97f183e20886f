"""Serve until the system asks the app to end, and then end it without breaking off any work."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from generative.ui.validating_blocks import ValidatingBlocks

DRAIN_SECONDS = 20.0
"""Time that accepted jobs have to finish. By default, Docker kills a container after 10 s, and
Kubernetes after 30."""

EXIT_SECONDS = 3.0
"""Time for what else must be done at the end of the process, such as closing a public link."""

POLL_SECONDS = 0.5


def serve_until_stopped(blocks: ValidatingBlocks) -> None:
    """Serve until SIGTERM, then drain the app; or until Ctrl-C, then end it at once.

    A second SIGTERM ends the process at once.
    """
    asked = threading.Event()

    def ask(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        asked.set()

    signal.signal(signal.SIGTERM, ask)
    try:
        while not asked.wait(POLL_SECONDS):  # In parts: on Windows, no signal breaks off a wait.
            pass
        drain(blocks)
    except KeyboardInterrupt:
        pass
    blocks.close(verbose=False)
    _end_process()


def _end_process() -> NoReturn:
    """End the process with status 0, without Python's own end.

    That would take seconds to dismantle TensorFlow, while threads still compute with it.
    """
    threading.Timer(EXIT_SECONDS, os._exit, [0]).start()  # One of them may wait for such a thread.
    atexit._run_exitfuncs()
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def drain(blocks: ValidatingBlocks) -> None:
    """Refuse new jobs, and return once the accepted ones are done or `DRAIN_SECONDS` are over."""
    blocks.health.note_stopping()
    log = logging.getLogger(__name__)
    log.info("Stopping: accepted jobs have %g s to finish.", DRAIN_SECONDS)
    queue = blocks.fair_queue
    asyncio.run_coroutine_threadsafe(queue.drain(DRAIN_SECONDS), queue.loop).result()
    log.info("Stopped.")
