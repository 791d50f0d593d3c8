"""Notebooks are made of the modules, and run from top to bottom."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from keras_examples import InputError, RunError, cli, notebook
from keras_examples.core import catalogue
from keras_examples.figures import fonts
from keras_examples.notebook import cells, execution
from tests.platforms import posix

ENGLISH = [(name, "en") for name in catalogue.names()]
# Only texts differ between the languages; a figure of each kind shows that they are passed on.
CHINESE = [("sine-rnn", "zh"), ("activations", "zh")]
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def code(made: Any) -> str:
    return "\n".join(cell.source for cell in made.cells if cell.cell_type == "code")


def text(made: Any) -> str:
    return "\n".join(cell.source for cell in made.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelManager]:
    """One kernel for all, since each would take seconds to import TensorFlow."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(stderr=subprocess.DEVNULL)
    yield manager
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def run(made: Any, kernel: KernelManager, folder: Path) -> Any:
    """Runs a notebook where no name is left of the one before."""
    settings = next(cell for cell in made.cells if cell.source.startswith("SEED = "))
    settings.source = re.sub(r"EPOCHS = \d+", "EPOCHS = 1", settings.source)
    settings.source = settings.source.replace('"auto"', '"stand-in"')
    made.cells.insert(0, nbformat.v4.new_code_cell("%reset -f", id="reset"))
    client = NotebookClient(
        made, km=kernel, timeout=300, resources={"metadata": {"path": str(folder)}}
    )
    try:
        return client.execute()
    finally:
        if client.kc is not None:
            client.kc.stop_channels()


def pictures(made: Any) -> int:
    return sum(
        "image/png" in output.get("data", {})
        for cell in made.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )


# Others are executed by other tests.
KINDS = {("sine-rnn", "zh")}


@pytest.mark.parametrize(
    ("name", "lang"),
    [
        one if one in KINDS else pytest.param(*one, marks=pytest.mark.slow)
        for one in ENGLISH + CHINESE
    ],
)
def test_every_notebook_runs_from_top_to_bottom_and_draws_every_figure(
    name: str, lang: str, kernel: KernelManager, tmp_path: Path
) -> None:
    done = run(notebook.make(name, lang), kernel, tmp_path)
    assert pictures(done) == len(catalogue.load(name).figures)
    assert not list(tmp_path.iterdir())


def test_a_name_of_one_notebook_is_not_there_for_the_next(
    kernel: KernelManager, tmp_path: Path
) -> None:
    make: Callable[..., Any] = nbformat.v4.new_notebook
    cell: Callable[..., Any] = nbformat.v4.new_code_cell
    run(make(cells=[cell("SEED = left = 1")]), kernel, tmp_path)
    with pytest.raises(CellExecutionError, match="name 'left' is not defined"):
        run(make(cells=[cell("SEED = left + 1"), cell("SEED = 1")]), kernel, tmp_path)


@pytest.mark.parametrize("name", catalogue.names())
def test_a_notebook_has_everything_that_its_module_defines(name: str) -> None:
    module = Path(notebook.__file__).parents[1] / f"{name.replace('-', '_')}.py"
    source = module.read_text(encoding="utf-8")
    shown = code(notebook.make(name))
    for node in ast.parse(source).body:
        script = isinstance(node, ast.If)
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        segment = ast.get_source_segment(source, node)
        assert segment is not None
        assert (segment in shown) is not (script or docstring), segment


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_notebook_is_the_same_each_time(lang: str) -> None:
    first, again = (nbformat.writes(notebook.make("mnist-cnn", lang)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_notebook_is_a_valid_one(lang: str) -> None:
    nbformat.validate(notebook.make("sine-rnn", lang))


def test_training_takes_the_numbers_of_the_article() -> None:
    shown = code(notebook.make("fashion-mnist-ffn"))
    assert re.search(r"^EPOCHS = 10 ", shown, re.M)
    assert re.search(r"^BATCH_SIZE = 32 ", shown, re.M)
    assert "data = load_data(data=DATA)" in shown


def test_the_text_is_the_docstring_of_the_module() -> None:
    made = notebook.make("mnist-cnn")
    assert made.cells[0].source.startswith("# Convolutional network on MNIST: handwritten digits")
    assert "From article 004, 卷积神经网络." in made.cells[0].source
    assert "Example:" not in made.cells[0].source


def test_a_chinese_notebook_is_in_chinese() -> None:
    made = notebook.make("mnist-cnn", "zh")
    assert made.cells[0].source.startswith("# 卷积神经网络（MNIST）\n\n小小的卷积核")
    assert '"""构建并编译卷积神经网络。' in code(made)
    assert 'in_style("zh")' in code(made)
    assert "## 训练" in text(made)
    assert "## Training" not in text(made)


@pytest.mark.parametrize("name", catalogue.names())
def test_a_chinese_notebook_has_no_english_docstring(name: str) -> None:
    made = notebook.make(name, "zh")
    source = re.sub(r"^ *%.*\n", "", code(made), flags=re.MULTILINE)
    nodes = ast.walk(ast.parse(source))
    documented = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    said = list(filter(None, map(ast.get_docstring, documented)))
    assert said
    assert [one for one in said if not re.search(r"[一-鿿]", one)] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_figure_has_a_title_and_says_what_it_shows(lang: str) -> None:
    made = text(notebook.make("sine-rnn", lang))
    said = {
        "en": "### Forecast\n\nThe true and the predicted value of the sine over time",
        "zh": "### 预测\n\n正弦波的真实值与预测值随时间的变化",
    }
    assert said[lang] in made
    assert "图 1" not in made


def test_a_figure_is_called_as_the_page_calls_it() -> None:
    shown = code(notebook.make("sine-rnn"))
    assert "    display(sine_rnn.forecast(trained))" in shown
    assert "    display(loss(trained))" in shown


def test_a_network_with_nothing_to_train_is_not_trained() -> None:
    made = notebook.make("three-layer-network")
    assert "EPOCHS" not in code(made)
    assert "model.fit(" not in code(made)
    assert "## Training" not in text(made)
    assert "compare" not in made.cells[-1].source


def test_the_comparison_to_try_is_one_of_a_number_of_the_network() -> None:
    last = notebook.make("sine-rnn").cells[-1].source
    assert "`keras-examples compare sine-rnn --vary learning_rate=…`" in last


def test_measurements_that_are_no_numbers_are_left_to_the_figures() -> None:
    assert "isinstance(value, (int, float))" in code(notebook.make("activations"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_package_is_installed_from_its_repository_where_it_is_missing(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "repository", lambda: "https://example.org/somebody/project")
    first = next(cell for cell in notebook.make("sine-rnn", lang).cells if cell.cell_type == "code")
    assert re.search(
        r'if .*find_spec\("keras_examples"\) is None:\n'
        r'    %pip install --quiet "keras-examples @ git\+https://example.org/somebody/project"',
        first.source,
    )


def test_nothing_is_installed_by_its_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "repository", lambda: "")
    assert "pip install" not in code(notebook.make("sine-rnn"))


@pytest.mark.parametrize("file", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda file: file.name)
def test_the_notebooks_of_the_project_are_those_of_its_modules(file: Path) -> None:
    name, _, rest = file.name.partition(".")
    lang = "zh" if rest.startswith("zh-CN") else "en"
    kept = nbformat.read(file, as_version=4)
    made = notebook.make(name, lang)
    remedy = f"run `keras-examples notebook {name} --lang {lang} --execute`"
    assert [cell.source for cell in kept.cells] == [cell.source for cell in made.cells], remedy
    assert pictures(kept) == len(catalogue.load(name).figures)


# The command


def test_the_command_writes_a_notebook_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if fonts.chinese() is None:
        pytest.skip("no Chinese font on this machine")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["notebook", "sine_rnn", "--lang", "zh"]) == 0
    assert capsys.readouterr().out == "已写入：notebooks/sine-rnn.zh-CN.ipynb\n"
    assert [path.name for path in (tmp_path / "notebooks").iterdir()] == ["sine-rnn.zh-CN.ipynb"]
    nbformat.read(tmp_path / "notebooks" / "sine-rnn.zh-CN.ipynb", as_version=4)


def test_executed_it_is_written_with_its_figures_and_without_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "made.ipynb"
    assert cli.main(["notebook", "activations", "--execute", "--output", str(file)]) == 0
    made = nbformat.read(file, as_version=4)
    assert pictures(made) == 2
    assert made.metadata == notebook.make("activations").metadata
    assert str(Path.home()) not in file.read_text(encoding="utf-8")


def test_a_notebook_that_breaks_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(made: Any) -> None:
        raise RunError("the notebook broke, and was not written: ValueError: no", "笔记本出错")

    monkeypatch.setattr(execution, "execute_in_place", broken)
    file = notebook.write("sine-rnn", output=tmp_path / "made.ipynb")
    earlier = file.read_bytes()
    with pytest.raises(RunError, match="was not written"):
        notebook.write("sine-rnn", execute=True, output=file)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [earlier]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_notebook_replaces_one_of_ours_and_somebody_elses_only_by_force(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "require", lambda lang: None)
    file = tmp_path / "made.ipynb"
    for name in catalogue.names():
        notebook.write(name, lang=lang, output=file)
    file.write_text("mine")
    with monkeypatch.context() as patched:  # before anything takes time
        patched.setattr(notebook, "make", pytest.fail)
        with pytest.raises(InputError, match=r"made\.ipynb' exists, and .* --force"):
            notebook.write("sine-rnn", lang=lang, output=file, execute=True)
    assert file.read_text() == "mine"
    notebook.write("sine-rnn", lang=lang, output=file, force=True)
    assert nbformat.read(file, as_version=4).cells


@posix("special files and links")
def test_a_pipe_or_a_link_is_not_replaced_by_a_notebook(tmp_path: Path) -> None:
    pipe, link, real = tmp_path / "pipe", tmp_path / "link", tmp_path / "made.ipynb"
    os.mkfifo(pipe)
    for other in (pipe, Path(os.devnull)):
        with pytest.raises(InputError, match=r"cannot write .* \(a (named pipe|device), expected"):
            notebook.write("sine-rnn", output=other, force=True)
    assert pipe.is_fifo()
    link.symlink_to(real)
    assert notebook.write("sine-rnn", output=link) == link
    assert link.is_symlink()
    assert nbformat.read(real, as_version=4).cells


def test_without_docstrings_the_notebook_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = nbformat.writes(notebook.make("sine-rnn"))
    example = catalogue.load("sine-rnn")
    for draw in example.figures:
        monkeypatch.setattr(draw, "__doc__", None)  # as with `python -OO`
    assert nbformat.writes(notebook.make("sine-rnn")) == whole


@pytest.mark.slow
def test_python_without_docstrings_and_assertions_runs_the_command(tmp_path: Path) -> None:
    words = ("notebook", "activations", "--output", "made.ipynb")
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "keras_examples", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(NOTEBOOKS.parent)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    made = nbformat.writes(notebook.make("activations")).rstrip("\n") + "\n"
    assert (tmp_path / "made.ipynb").read_text(encoding="utf-8") == made


def test_a_cell_that_fails_is_told_in_one_line() -> None:
    cell = nbformat.v4.new_code_cell("1 / 0")
    with pytest.raises(RunError, match=r"ZeroDivisionError: division by zero$") as caught:
        execution.execute_in_place(nbformat.v4.new_notebook(cells=[cell]))
    assert "\n" not in str(caught.value)


def test_without_nbformat_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(notebook, "find_spec", lambda name: None if name == "nbformat" else name)
    with pytest.raises(InputError, match=r"notebooks need nbformat.*pip install .*\[notebook\]"):
        notebook.write("sine-rnn", output=tmp_path / "made.ipynb")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"cannot write .*file/made.ipynb.*--output"):
        notebook.write("sine-rnn", output=tmp_path / "file" / "made.ipynb")


def test_an_unknown_language_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match="lang: got 'fr', expected one of en, zh"):
        notebook.write("sine-rnn", lang="fr")


def test_an_unknown_example_is_told_with_the_nearest_names() -> None:
    with pytest.raises(InputError, match="did you mean sine-rnn"):
        notebook.write("sine-rn")
