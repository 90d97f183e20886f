"""The glossary: what its terms say, and where they are marked in a text."""

from __future__ import annotations

import re

import pytest
from talk import is_a_sentence

from generative.ui.glossary import TERMS, explain


@pytest.mark.parametrize("name", TERMS)
def test_a_term_has_one_sentence_and_is_found_in_a_text(name):
    term = TERMS[name]
    assert is_a_sentence(term.meaning)
    marked = explain(f"About {term.word}.") + explain(f"About {term.word.lower()}.")
    assert f'<button class="term" aria-describedby="meaning-{name}">' in marked


def test_only_whole_words_and_only_the_first_of_each_are_marked():
    text = "Latents cost nats; natural latents cost more nats."
    marked = explain(text)
    assert re.sub("<.*?>", "", marked) == text
    assert re.findall('meaning-(.*?)"', marked) == ["nat", "latent"]
