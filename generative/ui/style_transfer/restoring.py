"""Bringing back the settings that a downloaded painting holds, and saying what they leave out."""

from __future__ import annotations

import gradio as gr

from generative import images
from generative.style_transfer import examples
from generative.style_transfer.settings import NONE, SETTINGS, PaintingSettings, remarks_on
from generative.ui.handlers import readable_errors


def restore(path: str | None) -> list[object]:
    """Return what the widgets are to hold: every one of `SETTINGS`, four pictures and no mask.

    A picture that is no example stays as it is; a second or third style is taken away.
    """
    with readable_errors():
        note = images.read_note(path)
        settings = PaintingSettings.from_text(note)
        gr.Info(" ".join([_brought_back(settings), *remarks_on(note), *left_out(settings)]))
        values = [getattr(settings, name) for name in SETTINGS]
        pictures = [_example(name, gr.skip()) for name in (settings.content, settings.style)]
        more = [_example(name, None) for name in (settings.second, settings.third)]
        return [*values, *pictures, *more, None]


def names_in(path: str | None) -> list[object]:
    """Return what stands in a link for the content and the styles that were brought back."""
    with readable_errors():
        settings = PaintingSettings.from_text(images.read_note(path))
        known = examples.titles()
        names = [
            name if name in known else gr.skip() for name in (settings.content, settings.style)
        ]
        more = [name if name in known else NONE for name in (settings.second, settings.third)]
        return [*names, *more]


def left_out(settings: PaintingSettings) -> list[str]:
    """Return sentences on what the settings alone do not bring back."""
    remarks = []
    if "" in _pictures(settings):
        remarks.append("Pictures of your own are not inside: choose them again.")
    if settings.masked:
        remarks.append("The mask is not inside: choose it again.")
    if settings.turned:
        remarks.append("Weights were changed while it was painted; these are the last ones.")
    if not settings.alone:
        remarks.append(
            "It was stopped, continued or turned while it was painted, or had a time budget, so "
            "these settings make a similar picture, not the same one."
        )
    return remarks


def _brought_back(settings: PaintingSettings) -> str:
    titles = examples.titles()
    known = [titles[name] for name in _pictures(settings) if name in titles]
    are = "is" if len(known) == 1 else "are"
    pictures = f", and so {are} {' and '.join(known)}" if known else ""
    return f"The {len(SETTINGS)} settings are back{pictures}."


def _pictures(settings: PaintingSettings) -> tuple[str, ...]:
    return settings.content, settings.style, settings.second, settings.third


def _example(name: str, otherwise: object) -> object:
    return str(examples.path(name)) if name in examples.titles() else otherwise
