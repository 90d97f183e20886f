"""The page's address holds its state, so that a link opens what its sender saw.

A panel declares the widgets that make up its state by name:

    links.keep(level=level, kind=kind)

The page writes their values into its query string, `?v=1&level=0.3`, without those that are as
they are at first (links.js). When the page is loaded, the server checks every value and sets the
widgets.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from gradio.components import Component
from gradio.events import Dependency

from generative.errors import InputError
from generative.ui.handlers import readable_errors

VERSION = "1"
LONGEST = 8000
"""Characters of an address that are read; a link with six drawings has 3,000."""

SEPARATOR = "*"
"""Between the entries of a list: an address holds it unescaped."""

KEPT = "_kept_in_links"
OWN = "own"
"""Written for what does not travel: a photo of the visitor's own."""

Reader = Callable[[str], Any]
"""Returns the value that a text stands for, or raises InputError."""


@dataclass(frozen=True)
class Field:
    """One entry of the address.

    Attributes:
        name: in the address.
        usual: what is left out of the address.
        read: for each widget that it sets, what returns its value.
    """

    name: str
    usual: str
    read: Sequence[tuple[Component, Reader]]


def keep(**widgets: Component) -> None:
    """Keep the values of widgets in the page's address, under these names."""
    for name, widget in widgets.items():
        keep_with(name, widget, READERS[type(widget)](widget))


def keep_with(
    name: str,
    widget: Component,
    read: Reader,
    *also: tuple[Component, Reader],
    usual: str | None = None,
) -> None:
    """Keep a widget's value, which is read in a way of its own.

    Args:
        name: in the address.
        widget: whose value is written.
        read: returns the widget's value.
        also: further widgets that the same text sets.
        usual: what is left out of the address; by default the value that the widget begins with.
    """
    begins = text(getattr(widget, "value", None)) if usual is None else usual
    setattr(widget, KEPT, Field(name, begins, [(widget, read), *also]))


def build_links(demo: gr.Blocks, tabs: Mapping[str, Sequence[str]]) -> Dependency:
    """Wire the address to all widgets that are kept; call this once they are laid out.

    Args:
        demo: the page.
        tabs: name in the address → the ids of the tabs it chooses from, the usual one first.

    Returns:
        The event of the state having been read from the address.
    """
    widgets = [
        each for each in demo.blocks.values() if isinstance(getattr(each, KEPT, None), Field)
    ]
    fields: list[Field] = [getattr(each, KEPT) for each in widgets]
    names = [*tabs, *(field.name for field in fields)]
    assert len(names) == len(set(names)), "two widgets share a name in links"
    outputs = [widget for field in fields for widget, _ in field.read]
    accepted = gr.Textbox(visible="hidden")
    declared = json.dumps({"names": [field.name for field in fields], "tabs": tabs})

    def open_link(query: str) -> list[Any]:
        with readable_errors():
            return restore(query, fields, tabs)

    read: Dependency = demo.load(
        open_link,
        accepted,
        [accepted, *outputs],
        js="() => [window.links.asked()]",
        api_visibility="private",
        show_progress="hidden",
    )
    begun: Dependency = read.then(
        None,
        accepted,
        js=f"(accepted) => window.links.begin({declared}, accepted)",
        api_visibility="private",
    )
    # One listener each: the page looks for every value that a listener takes among all widgets.
    for widget, field in zip(widgets, fields, strict=True):
        noted = json.dumps([field.name, field.usual])[1:-1]
        getattr(widget, "change")(  # noqa: B009 (mypy)
            None,
            widget,
            None,
            js=f"(value) => window.links.note({noted}, {_if_usable(widget, field)})",
            api_visibility="private",
        )
    return begun


def _if_usable(widget: Any, field: Field) -> str:
    """Return in JavaScript what is noted of `value`: what the widget cannot take is refused."""
    if not isinstance(widget, gr.Number):
        return "value"
    inside = f"value !== null && value >= {widget.minimum} && value <= {widget.maximum}"
    return f"{inside} ? value : {json.dumps(field.usual)}"


def build_unseen(value: str = "") -> gr.Textbox:
    """Lay out a text that only links show.

    The style sheet hides it: a widget that Gradio hides tells nobody that it has changed.
    """
    return gr.Textbox(value, show_label=False, container=False, elem_classes="unseen")


def build_copy_button() -> None:
    """Lay out the button that copies the page's address."""
    gr.Button("Copy link", elem_id="copy-link", size="sm", scale=0, min_width=110).click(
        None,
        js="() => window.links.copy(document.querySelector('#copy-link'))",
        api_visibility="private",
    )


def text(value: object) -> str:
    """Return how a value is written; links.js writes it the same."""
    if isinstance(value, list | tuple):
        return SEPARATOR.join(map(text, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{round(value, 6):.15g}"
    return "" if value is None else str(value)


def restore(query: str, fields: Sequence[Field], tabs: Mapping[str, Sequence[str]]) -> list[Any]:
    """Return what a link says: what of it is accepted, as JSON, and the value of every widget.

    Widgets that it does not name are skipped, and so are those that it gives no value that they can
    take: the page is told of these.

    Args:
        query: of the page's address.
        fields: what may be named.
        tabs: see `build_links`.
    """
    values: list[Any] = []
    accepted: dict[str, str] = {}
    refused: list[str] = []
    stays = False
    asked = {
        name: given[-1]
        for name, given in parse_qs(query.lstrip("?")[:LONGEST], keep_blank_values=True).items()
    }
    usable = asked.get("v") == VERSION
    for field in fields:
        given = asked.get(field.name) if usable else None
        try:
            read = [gr.skip() if given is None else each(given) for _, each in field.read]
        except InputError:
            read = [gr.skip()] * len(field.read)
            stays, refused = stays or given == OWN, refused + [field.name] * (given != OWN)
            given = None
        values += read
        if given is not None:
            accepted[field.name] = given
    for name, choices in tabs.items():
        if usable and name in asked:
            if asked[name] in choices:
                accepted[name] = asked[name]
            else:
                refused.append(name)
    if not usable and set(asked) & {*tabs, *(field.name for field in fields)}:
        gr.Info(
            "This link comes from another version of the page, so everything starts at its default."
        )
    if refused:
        gr.Info(
            f"This link is damaged, so some things start at their defaults: {', '.join(refused)}."
        )
    if stays:
        gr.Info("This link was made with a photo of the sender's own, which stayed with them.")
    return [json.dumps(accepted), *values]


def _number(widget: Any) -> Reader:
    low = getattr(widget, "minimum", None)
    high = getattr(widget, "maximum", None)
    whole = getattr(widget, "step", None) == 1

    def read(given: str) -> float:
        try:
            number = float(given)
        except ValueError:
            number = math.nan
        inside = (low is None or number >= low) and (high is None or number <= high)
        if not math.isfinite(number) or not inside or (whole and number != int(number)):
            raise InputError("Invalid number.")
        return int(number) if whole else number

    return read


def _choice(widget: Any) -> Reader:
    return one_of([value for _, value in widget.choices])


def one_of(choices: Sequence[object]) -> Reader:
    """Return the reader of one of some values."""
    named = {text(value): value for value in choices}

    def read(given: str) -> object:
        if given not in named:
            raise InputError("Invalid choice.")
        return named[given]

    return read


def _choices(widget: Any) -> Reader:
    one = _choice(widget)
    return lambda given: [one(each) for each in given.split(SEPARATOR)] if given else []


READERS: dict[type, Callable[[Any], Reader]] = {
    gr.Slider: _number,
    gr.Number: _number,
    gr.Radio: _choice,
    gr.Dropdown: _choice,
    gr.CheckboxGroup: _choices,
}
