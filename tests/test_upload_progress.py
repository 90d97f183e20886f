from __future__ import annotations

import asyncio

from loops import run_async

from generative.ui.server.upload_progress import MAX_TRACKED, LatestUploads


def test_names_that_are_asked_for_in_vain_are_not_kept():
    async def ask() -> None:
        uploads = LatestUploads()
        waiting = [
            asyncio.create_task(uploads.is_tracked(f"name{index}"))
            for index in range(3 * MAX_TRACKED)
        ]
        await asyncio.sleep(0)
        assert len(uploads._signals) == MAX_TRACKED
        uploads.track("name0")  # Its first signal is forgotten; whoever asks now finds it.
        assert await uploads.is_tracked("name0")
        uploads.track(f"name{len(waiting) - 1}")
        assert await waiting[-1]
        for task in waiting:
            task.cancel()

    run_async(ask)


def test_a_forgotten_upload_is_tracked_again_from_where_it_is():
    uploads = LatestUploads()
    uploads.append("large", "a.png", b"12345")
    for index in range(MAX_TRACKED):
        uploads.set_done(f"name{index}")
    uploads.append("large", "a.png", b"123")
    assert not uploads.is_done("large")
    assert uploads.pop("large").chunk_size == 3
