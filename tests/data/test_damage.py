"""Damage is repaired where it is certain, and said; what may be meant stays."""

from __future__ import annotations

import pytest
from jokegen.data.damage import damage_of, mended, without_tags
from jokegen.data.findings import Findings


def repaired(*texts: str) -> tuple[list[str], Findings]:
    findings = Findings()
    return mended(texts, damage_of(texts), "jokes", findings), findings


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", ["I don’t know", "a café in Köln", "«naïve» – ça", "Привет, как", "ein „Wort“ hier"])
def test_text_decoded_wrongly_is_put_right(text: str, encoding: str) -> None:
    broken = text.encode().decode(encoding, errors="replace")
    (first, second), findings = repaired(broken, "plain")
    if "\ufffd" not in broken:
        assert (first, second) == (text, "plain")
        assert len(findings.repaired) == 1
        assert findings.repaired == findings.notices


def test_a_closing_quotation_mark_whose_byte_was_lost_is_put_right() -> None:
    broken = "he said “stop” and left".encode().decode("cp1252", errors="replace")
    assert repaired(broken)[0] == ["he said “stop” and left"]


@pytest.mark.parametrize(
    "text", ["Ã is a letter of Portuguese: PÃO", "â bas", "50 €", "naïve café", "¡Olé!", "Ð is eth"]
)
def test_letters_that_only_look_like_it_stay(text: str) -> None:
    texts, findings = repaired(text, text + "!")
    assert texts == [text, text + "!"]
    assert not findings.notices


def test_line_breaks_written_as_letters_become_line_breaks() -> None:
    texts, findings = repaired('[Verse]\\nOne \\"two\\"\\r\\nthree', "a\\n\\nb", "plain")
    assert texts == ['[Verse]\nOne "two"\nthree', "a\n\nb", "plain"]
    assert "backslash" in findings.repaired[0]


@pytest.mark.parametrize("text", ["C:\\new\\nothing", "\\nabla f = \\frac{1}{2}", "\\documentclass \\newline \\alpha"])
def test_other_backslashes_stay(text: str) -> None:
    assert repaired(text, text + " too", "x")[0] == [text, text + " too", "x"]


def test_tags_are_taken_off_and_breaks_kept() -> None:
    texts, findings = repaired("<p>Why?<br />Because <b>so</b>.</p>", '<div class="x">One</div><div>Two</div>', "plain")
    assert texts == ["Why?\nBecause so.", "One\nTwo", "plain"]
    assert "HTML tags in 2 texts" in findings.repaired[0]
    assert without_tags("<style>p {color: red}</style>a <!-- no --> b<script>x<y</script>") == "a  b"
    # Of whatever length, and in a moment where nothing is ever closed.
    assert without_tags(f"a<!-- {'<i>no</i> ' * 9_000}--> b<SCRIPT>{'x<y;' * 90_000}</script > c") == "a b c"
    assert without_tags("<!--" * 50_000 + "<script>" * 50_000 + "<b>a</b>").endswith("a")


def test_a_single_text_about_tags_keeps_them_with_a_word() -> None:
    jokes = [f"a joke with number {number}" for number in range(200)]
    texts, findings = repaired(*jokes, "Why did <b> cross the road? To be bold</b>.")
    assert texts[-1] == "Why did <b> cross the road? To be bold</b>."
    assert "1 text of jokes has HTML tags, which were kept." in findings.notices


@pytest.mark.parametrize("text", ["1 < 2 and 3 > 2", "<3 you", "a <unk> b", "<joke> is no tag", "if x<y then z>w"])
def test_other_angles_stay(text: str) -> None:
    assert repaired(text, text)[0] == [text, text]
