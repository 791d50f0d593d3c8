from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
)
_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    return re.findall(r"^(#+) ", _BLOCK.sub("", text), re.MULTILINE)


def blocks(text: str) -> list[str]:
    """The blocks of code, without what is translated in them: the comments."""
    return [re.sub(r"\s*#.*", "", block) for block in _BLOCK.findall(text)]


def tables(text: str) -> list[list[list[str]]]:
    """The tables: of each cell what does not depend on the language, its numbers and its code."""
    found: list[list[list[str]]] = [[]]
    for line in _BLOCK.sub("", text).splitlines():
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            found[-1].append([" ".join(re.findall(r"`[^`]+`|[\d.,]*\d", cell)) for cell in cells])
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


def links(text: str) -> list[str]:
    """Where the links lead, but for those to a README, and for the language of the page."""
    targets = re.findall(r"\]\(([^)\s]+)\)", _BLOCK.sub("", text))
    neutral = (target.replace("docs/zh/", "docs/") for target in targets)
    return sorted(target for target in neutral if not target.startswith("README"))


def in_english(link: str) -> str:
    """The English page or figure of a link to a Chinese one."""
    return re.sub(r"^(docs|plots)/zh/", r"\1/", link)


def test_both_have_the_same_headings() -> None:
    assert headings(CHINESE) == headings(ENGLISH)


def test_what_the_links_of_either_lead_to_is_there() -> None:
    for text in (ENGLISH, CHINESE):
        for target in re.findall(r"\]\((?!https?:)([^)\s#]+)", _BLOCK.sub("", text)):
            assert (ROOT / target).exists(), target


def test_both_have_the_same_tables() -> None:
    assert tables(CHINESE) == tables(ENGLISH)


def test_both_have_the_same_commands_and_code() -> None:
    assert blocks(CHINESE) == blocks(ENGLISH)


def test_both_have_the_same_links_and_pictures() -> None:
    assert sorted(map(in_english, links(CHINESE))) == links(ENGLISH)


def test_each_leads_to_pages_in_its_language() -> None:
    assert "](docs/zh/" not in ENGLISH
    for page in re.findall(r"\]\(docs/([\w-]+\.md)", CHINESE):
        assert not (ROOT / "docs/zh" / page).exists(), page


def test_each_leads_to_the_other() -> None:
    assert "(README.zh-CN.md)" in ENGLISH
    assert "(README.md)" in CHINESE


def test_the_chinese_one_is_in_chinese() -> None:
    prose = re.sub(r"`[^`]+`|\]\([^)]+\)|<[^>]+>", "", _BLOCK.sub("", CHINESE))
    for paragraph in re.split(r"\n\s*\n", prose):
        english = re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){5,}", paragraph)
        assert not english, paragraph
