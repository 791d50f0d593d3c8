from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
ENGLISH, CHINESE = "glossary.md", "zh/glossary.md"
PAGES = pytest.mark.parametrize("page", [ENGLISH, CHINESE])


def rows(page: str) -> list[list[str]]:
    """The rows of the table: the term in English and in Chinese, its meaning, and the link."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return cells[2:]


def target(row: list[str]) -> str:
    found = re.fullmatch(r"\[[^]]+\]\((course/[\w-]+\.md#[\w-]+)\)", row[3])
    assert found, row
    return found[1]


@PAGES
def test_each_term_leads_to_a_section_of_the_course_that_exists(page: str) -> None:
    for row in rows(page):
        name, _, anchor = target(row).partition("#")
        assert f" {{ #{anchor} }}\n" in (DOCS / name).read_text(encoding="utf-8"), row


@PAGES
def test_the_terms_are_unique_and_in_alphabetical_order(page: str) -> None:
    english, chinese = ([row[language].casefold() for row in rows(page)] for language in (0, 1))
    assert english == sorted(set(english))
    assert len(set(chinese)) == len(chinese)


def test_both_languages_have_the_same_terms_in_the_same_order_and_lead_to_the_same_place() -> None:
    english, chinese = rows(ENGLISH), rows(CHINESE)
    assert len(english) > 80
    assert [row[:2] for row in chinese] == [row[:2] for row in english]
    assert list(map(target, chinese)) == list(map(target, english))


def test_each_meaning_is_a_sentence_in_the_language_of_its_page() -> None:
    for row in rows(ENGLISH):
        assert row[2].endswith(".")
        assert not re.search(r"[\u4e00-\u9fff]", row[2])
    for row in rows(CHINESE):
        assert row[2].endswith("。")
        assert re.search(r"[\u4e00-\u9fff]", row[2])
