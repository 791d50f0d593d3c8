"""Makes the overviews in the docs from what they are overviews of.

    python docs/overviews.py            # checks them; names the files that are out of date
    python docs/overviews.py --write    # brings them up to date

The examples and their order come from the catalogue, and what is said of each from its section of
the course. Numbers come from the recorded runs that `plots/README.md` shows. On a page of the
course one stands before a comment with its name and format, `98.2%<!-- val_accuracy:.1% -->`, and
is a dash where no run is recorded. What is said in Chinese comes from the Chinese pages. The
options of `run` and the backends of the examples come from their declarations, and what each module
is for from its docstring.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from keras_examples import verification
from keras_examples.cli.run import RunOptions
from keras_examples.core import LANGUAGES, Text, catalogue
from keras_examples.core.backend import BACKENDS
from keras_examples.core.markdown import table
from keras_examples.core.options import flag, options_of
from keras_examples.verification import Published

ROOT = Path(__file__).parent.parent
UNKNOWN = "—"
LEADS = {"In short.": Text("In short.", "内容。"), "Result.": Text("Result.", "结果。")}
_NUMBER = re.compile(rf"({UNKNOWN}|[\d.,e%+-]+)?(?P<comment><!-- (?P<name>\w+):(?P<form>\S+) -->)")


@dataclass(frozen=True)
class Section:
    """An example's section of the course.

    Args:
        name: The example's name.
        page: The page's path below `docs/course` and `docs/zh/course`.
        text: The section in both languages, from its heading on.
    """

    name: str
    page: str
    text: Text

    @property
    def link(self) -> str:
        """The section's address on its page."""
        return f"{self.page}#{self.name}"

    @cached_property
    def title(self) -> Text:
        """The heading in both languages."""
        return Text(*(self.text[lang][3:].partition(" {")[0] for lang in LANGUAGES))

    @cached_property
    def articles(self) -> str:
        """The numbers of the articles that it comes from, such as `"001, 002"`."""
        found = re.search(r"\(Articles? ([^)]+)\)", self.text.en)
        return ", ".join(re.findall(r"\d+", found[1])) if found else UNKNOWN

    def line(self, lead: str) -> Text:
        """Returns the line that begins with a word in bold, in both languages.

        Args:
            lead: The word in English.

        Raises:
            SystemExit: There is none.
        """
        return Text(*(self._line(LEADS[lead][lang], self.text[lang]) for lang in LANGUAGES))

    def _line(self, lead: str, text: str) -> str:
        found = re.search(rf"^\*\*{re.escape(lead)}\*\* (.+?)$\n^$", text, re.M | re.S)
        if not found:
            raise SystemExit(f"{self.page}: {self.name} has no line `**{lead}** …`.")
        line = re.sub("<!--.*?-->", "", found[1]).replace("\n", " ")
        return line.rstrip(".。").replace("|", r"\|")


@dataclass(frozen=True)
class Chapter:
    """A chapter of the course, with the sections of its examples in order."""

    title: Text
    page: str
    sections: tuple[Section, ...]


def chapter_pages() -> dict[Path, str]:
    """Returns the pages of the chapters in both languages, as they are, by path."""
    found = [*ROOT.glob("docs/course/[0-9]*.md"), *ROOT.glob("docs/zh/course/[0-9]*.md")]
    return {path: path.read_text(encoding="utf-8") for path in sorted(found)}


def chapters(pages: Mapping[Path, str]) -> list[Chapter]:
    """Returns the chapters.

    Args:
        pages: The pages of the chapters in both languages, by path.

    Raises:
        SystemExit: A chapter has no page, or an example no section.
    """
    found = []
    for number, (title, names) in enumerate(catalogue.chapters(), start=1):
        page, english = _sections("docs/course", number, names, pages)
        _, chinese = _sections("docs/zh/course", number, names, pages)
        sections = tuple(Section(name, page, Text(english[name], chinese[name])) for name in names)
        titles = Text(*(f"{number}. {title[lang]}" for lang in LANGUAGES))
        found.append(Chapter(titles, page, sections))
    return found


def _sections(
    folder: str, number: int, names: Sequence[str], pages: Mapping[Path, str]
) -> tuple[str, dict[str, str]]:
    """Returns the name of a chapter's page in one language, and its sections by their anchors."""
    here = (path for path in pages if path.parent == ROOT / folder)
    path = next((path for path in here if path.name.startswith(f"{number}-")), None)
    if path is None:
        raise SystemExit(f"{folder}: chapter {number} has no page.")
    parts = {_anchor(part): part for part in _split(pages[path])}
    if missing := [name for name in names if name not in parts]:
        raise SystemExit(f"{folder}/{path.name}: no section for {', '.join(missing)}.")
    return path.name, parts


def recorded() -> dict[str, dict[str, str]]:
    """Returns what the gallery shows of each example's run on the real data."""
    found = {}
    gallery = (ROOT / "plots/README.md").read_text(encoding="utf-8")
    for part in gallery.split("\n### ")[1:]:
        name = re.search(
            r"^keras-examples run ([\w-]+)(?: --animate| --lang \w+)*$", part, re.MULTILINE
        )
        rows = dict(re.findall(r"^\| (.+?) \| (.+) \|$", part, re.MULTILINE))
        if name and "STAND-IN" not in rows["Data"]:
            found[name[1]] = rows
    return found


def fill_in(page: str, runs: Mapping[str, Mapping[str, str]]) -> str:
    """Returns a page of the course with the numbers of the recorded runs."""
    return "".join(_fill_in(part, runs.get(_anchor(part), {})) for part in _split(page))


def _split(page: str) -> list[str]:
    return re.split("^(?=## )", page, flags=re.MULTILINE)


def _anchor(part: str) -> str:
    found = re.match(r"## .*\{ #([\w-]+) \}\n", part)
    return found[1] if found else ""


def _fill_in(part: str, run: Mapping[str, str]) -> str:
    return _NUMBER.sub(lambda found: _number(found, run), part)


def _number(found: re.Match[str], run: Mapping[str, str]) -> str:
    value = run.get(found["name"])
    return (UNKNOWN if value is None else format(float(value), found["form"])) + found["comment"]


def _main_metric(section: Section) -> tuple[str, str]:
    """Returns the metric that the section's result begins with, and its format."""
    result = section.text.en.partition("**Result.**")[2]
    found = _NUMBER.search(result)
    return (found["name"], found["form"]) if found else ("", "")


def _over_seeds(section: Section, published: Mapping[str, Published]) -> str:
    """Returns the mean and the standard deviation of the main metric over the seeds."""
    run, (metric, form) = published.get(section.name), _main_metric(section)
    if not run or len(run.seeds) == 1 or metric not in run.metrics:
        return UNKNOWN
    mean, deviation = (format(value, form) for value in run.spread(metric))
    return f"{mean} ± {deviation}"


def typical(course: list[Chapter], lang: str) -> str:
    """Returns the sentence that says whether the seed of the figures is like the others."""
    published, differ, count = verification.load(), [], 0
    for section in (section for chapter in course for section in chapter.sections):
        run, (metric, _) = published.get(section.name), _main_metric(section)
        if run and len(run.seeds) > 1 and metric in run.metrics:
            count += 1
            if not run.is_typical(metric):
                differ.append(f"`{section.name}`")
    if not count:
        return Text("Results and figures are of seed 0.", "“结果”一栏和各图取自种子 0。")[lang]
    names = Text(", ".join(differ) or "none", "、".join(differ) or "无")
    return Text(
        "Five seeds: mean ± standard deviation over the seeds 0 to 4, on the real data (`python "
        "docs/published.py` runs them). Results and figures are of seed 0. "
        f"Of the {count} networks that are trained, it is "
        "farther from the mean of the five seeds than one standard deviation for: "
        f"{names['en']}.",
        "“五个种子”一栏是种子 0 到 4 在真实数据上的平均值 ± 标准差（由 `python docs/published.py` "
        f"运行得到）。“结果”一栏和各图取自种子 0。在 {count} 个需要训练的网络中，"
        "种子 0 与五个种子的平均值"
        f"相差超过一个标准差的有：{names['zh']}。",
    )[lang]


def results(course: list[Chapter], lang: str) -> str:
    """Returns the README's table: what each example shows, and what came of its run."""
    published = verification.load()
    runs, heads = recorded(), {
        "en": ("Example", "Article", "What it shows", "Parameters", "Result", "Five seeds",
               "Seconds"),
        "zh": ("示例", "文章", "内容", "参数量", "结果", "五个种子", "秒"),
    }  # fmt: skip
    rows = []
    for section in (section for chapter in course for section in chapter.sections):
        run = runs.get(section.name, {})
        rows.append(
            (
                f"`{section.name}`",
                section.articles,
                section.line("In short.")[lang],
                run.get("Parameters", UNKNOWN),
                section.line("Result.")[lang] if run else UNKNOWN,
                _over_seeds(section, published),
                run.get("Seconds", UNKNOWN).partition(" ")[0],
            )
        )
    over_seeds = heads[lang].index(Text("Five seeds", "五个种子")[lang])
    shown: list[tuple[str, ...]] = [heads[lang], *rows]
    if all(row[over_seeds] == UNKNOWN for row in rows):
        shown = [(*row[:over_seeds], *row[over_seeds + 1 :]) for row in shown]
    return table(shown[0], shown[1:])


def contents(course: list[Chapter], lang: str) -> str:
    """Returns the table of contents of the course."""
    heads = {"en": ("Chapter", "Examples"), "zh": ("章节", "示例")}
    comma = Text(", ", "、")[lang]
    rows = []
    for chapter in course:
        links = [
            f"[{Text(section.name, section.title.zh)[lang]}]({section.link})"
            for section in chapter.sections
        ]
        rows.append((f"[{chapter.title[lang]}]({chapter.page})", comma.join(links)))
    return table(heads[lang], rows)


def contents_of_start_page(course: list[Chapter]) -> str:
    """Returns the table of contents of the Chinese start page."""
    rows = []
    for chapter in course:
        first = f"[{chapter.title.zh}](course/{chapter.page})"
        for section in chapter.sections:
            title = f"[{section.title.zh}](course/{section.link})"
            rows.append((first, title, section.line("In short.").zh))
            first = ""
    return table(("章节", "示例", "内容"), rows)


def reference(course: list[Chapter]) -> str:
    """Returns the reference of all examples, which MkDocs fills in from their docstrings."""
    return "\n\n".join(
        "\n\n".join(
            [
                f"## {chapter.title.en.partition(' ')[2]}",
                *(f"::: keras_examples.{one.name.replace('-', '_')}" for one in chapter.sections),
            ]
        )
        for chapter in course
    )


def backends() -> str:
    """Returns the table of the backends of Keras on which the builders work."""
    heads = ("Example", "TensorFlow", "JAX", "PyTorch")
    rows = []
    for name in catalogue.names():
        works = catalogue.load(name).backends
        rows.append(
            (f"`{name.replace('-', '_')}`", *("✓" if one in works else UNKNOWN for one in BACKENDS))
        )
    return table(heads, rows)


def options(lang: str) -> str:
    """Returns the table of the options of `run`."""
    heads = {"en": ("Option", "What it does"), "zh": ("选项", "作用")}
    rows = []
    for field, about in options_of(RunOptions):
        if about.read:
            values = "`, `".join(about.choices) or about.metavar
            name = f"`{flag(field.name)} {values}".rstrip() + "`"
            rows.append((name, about.help[lang].replace("|", r"\|")))
    return table(heads[lang], rows)


def modules() -> str:
    """Returns the modules besides the examples' own, folder by folder, with what they say first."""
    package, parts = ROOT / "keras_examples", []
    for init in sorted(package.rglob("__init__.py"), key=lambda path: path.parts):
        folder = init.parent
        if folder == package:
            continue
        rows = [
            (f"`{path.name}`", _first_line(path))
            for path in sorted(folder.glob("*.py"))
            if path != init and path.stem not in catalogue.MODULES
        ]
        parts += [f"### `{folder.relative_to(ROOT).as_posix()}/`", _first_line(init)]
        parts += [table(("Module", "What it is"), rows)] if rows else []
    return "\n\n".join(parts)


def _first_line(module: Path) -> str:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def put_in(name: str, made: Mapping[str, str]) -> str:
    """Returns a page with everything that is made between its marks.

    Args:
        name: The page's path in the repository.
        made: What is made, by the word in its marks: `<!-- course: begin -->`.

    Raises:
        SystemExit: The page has no such marks.
    """
    page = (ROOT / name).read_text(encoding="utf-8")
    for word, text in made.items():
        before, begin, rest = page.partition(f"<!-- {word}: begin -->\n")
        _, end, after = rest.partition(f"<!-- {word}: end -->\n")
        if not end:
            raise SystemExit(f"{name}: no <!-- {word}: begin --> with its end.")
        page = f"{before}{begin}\n{text}\n\n{end}{after}"
    return page


def up_to_date() -> dict[Path, str]:
    """Returns the pages that have something made in them, as they should be, by path."""
    runs = recorded()
    pages = {path: fill_in(page, runs) for path, page in chapter_pages().items()}
    course = chapters(pages)
    overviews = {
        "README.md": {"course": results(course, "en"), "typical": typical(course, "en")},
        "README.zh-CN.md": {"course": results(course, "zh"), "typical": typical(course, "zh")},
        "docs/course/index.md": {"course": contents(course, "en")},
        "docs/zh/course/index.md": {"course": contents(course, "zh")},
        "docs/zh/index.md": {"course": contents_of_start_page(course)},
        "docs/api/models.md": {"backends": backends(), "course": reference(course)},
        "docs/commands.md": {"options": options("en")},
        "docs/zh/commands.md": {"options": options("zh")},
        "docs/development/design.md": {"modules": modules()},
    }
    for name, made in overviews.items():
        pages[ROOT / name] = put_in(name, made)
    return pages


def main() -> None:
    """Checks the overviews, or brings them up to date."""
    parser = argparse.ArgumentParser(description="Makes the overviews of the course.")
    parser.add_argument("--write", action="store_true", help="bring them up to date")
    write = parser.parse_args().write
    pages = up_to_date()
    stale = [path for path, page in pages.items() if path.read_text(encoding="utf-8") != page]
    for path in stale:
        if write:
            path.write_text(pages[path], encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'written' if write else 'out of date'}")
    if stale and not write:
        raise SystemExit("Run `python docs/overviews.py --write`.")


if __name__ == "__main__":
    main()
