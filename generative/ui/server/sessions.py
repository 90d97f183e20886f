"""What the server keeps of every visitor: what a handler puts into a state, and changed widgets.

Gradio also describes every widget of the page, and notes all that it shows, for links to a page as
somebody sees it: half a megabyte and 50 ms of everybody's time for each visitor. This app makes no
such links.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder


class _Nothing(dict[int, Any]):
    """Descriptions of widgets that are all there, and all empty."""

    def __contains__(self, _key: object) -> bool:
        return True

    def __missing__(self, _key: int) -> dict[str, Any]:
        return {}

    def __setitem__(self, _key: int, _description: Any) -> None:
        """Keep nothing."""


class Sessions(StateHolder):
    """The states of the latest visitors, without descriptions of widgets."""

    def __getitem__(self, session_id: str) -> SessionState:
        """Return a visitor's state, a new one if need be."""
        if session_id not in self.session_data:
            # Gradio describes the widgets that an app has: of this one it finds none.
            bare: Any = SimpleNamespace(default_config=self.blocks.default_config, blocks={})
            self.session_data[session_id] = SessionState(bare)
            self.session_data[session_id].config_values = _Nothing()
        return super().__getitem__(session_id)


def lighten_sessions(app: App) -> None:
    """Let an app keep little of its visitors."""
    sessions = Sessions()  # type: ignore[no-untyped-call]
    sessions.set_blocks(app.get_blocks())
    app.state_holder = sessions
