"""Keep little for each visitor: only the states that handlers set, and changed widgets.

Gradio also keeps a description of every widget and of all that it shows, for links to a page as one
visitor sees it. That costs half a megabyte per visitor, and delays everyone by 50 ms. This app
makes no such links.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder


class _EmptyDescriptions(dict[int, Any]):
    """A description for every widget, each empty."""

    def __contains__(self, _key: object) -> bool:
        return True

    def __missing__(self, _key: int) -> dict[str, Any]:
        return {}

    def __setitem__(self, _key: int, _description: Any) -> None:
        """Discard the description."""


class LightSessions(StateHolder):
    """The states of the latest visitors, without widget descriptions."""

    def __getitem__(self, session_id: str) -> SessionState:
        """Return a visitor's state, creating it if need be."""
        if session_id not in self.session_data:
            # Gradio describes the widgets it finds in `blocks`: here there are none.
            bare: Any = SimpleNamespace(default_config=self.blocks.default_config, blocks={})
            self.session_data[session_id] = SessionState(bare)
            self.session_data[session_id].config_values = _EmptyDescriptions()
        return super().__getitem__(session_id)


def lighten_sessions(app: App) -> None:
    """Make an app keep its visitors' states as `LightSessions`."""
    sessions = LightSessions()  # type: ignore[no-untyped-call]
    sessions.set_blocks(app.get_blocks())
    app.state_holder = sessions
