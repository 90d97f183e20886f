"""The README and the pages it links to, and the code in them."""

from __future__ import annotations

import re

from talk import ROOT

from benchmarks import cards

README = cards.README.read_text(encoding="utf-8")
_, FRONT_MATTER, BODY = README.split("---\n", 2)

PAGES = {
    cards.README: BODY,
    **{page: page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md"))},
}


def blocks(language: str, text: str = BODY) -> list[str]:
    """Return the fenced blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
