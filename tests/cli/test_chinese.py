"""The command speaks Chinese: its help, its mistakes, its progress and its results."""

import io
import json
import re
from pathlib import Path

import pytest

from keras_examples.cli import main, make_parser
from keras_examples.cli.chinese import columns, wrap
from keras_examples.core.text import speaking
from tests.stub import Declare

COMMANDS = (
    *("list", "run", "verify", "compare", "notebook"),
    *("predict", "forecast", "gallery", "demo", "export"),
)
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
CHINESE = re.compile("[\u4e00-\u9fff]")


def without_code(text: str) -> str:
    return re.sub(r"`[^`]*`|pip install \S+|\{[^}]*\}|\[[^]]*\]", "", text, flags=re.DOTALL)


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_EXAMPLES_LANG", "zh")


def test_every_command_is_known_here() -> None:
    (commands,) = (action for action in make_parser()._actions if isinstance(action.choices, dict))
    assert set(commands.choices or ()) == set(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_is_chinese_throughout(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    out = without_code(capsys.readouterr().out)
    assert out.startswith("用法：")
    assert "选项：" in out
    _, _, described = out.partition("\n\n")
    assert not ENGLISH.findall(described)
    assert "the" not in re.findall(r"[a-z]+", described)


def test_lang_asks_for_a_help_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--help", "--lang=en"])
    out = capsys.readouterr().out
    assert out.startswith("usage: ")
    assert not CHINESE.search(out)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "缺少参数：COMMAND"),
        ("run", "缺少参数：NAME"),
        ("trian mnist-cnn", "得到 'trian'，应为"),
        ("run sine-rnn --seed", "参数 --seed：需要一个取值"),
        ("run sine-rnn --colour", "不认识的参数：--colour"),
        ("run sine-rnn --data fake", "参数 --data：得到 'fake'，应为"),
        ("run sine-rnn --seed x", "得到 'x'，应为 0 到 4294967295 之间的整数"),
        ("run sine-rnn --epochs 0", "参数 --epochs：得到 '0'，应为"),
        ("run sine-rnn --seed 1 --seed 2", "给出了两次；请去掉其中一个"),
        ("run sine-rnn --re", "选项 --re 不明确，可能是 --rescale, --resume"),
        ("run sine-rnn --fast=yes", "参数 --fast：不接受取值 'yes'"),
        ("run sinus", "没有名为 'sinus' 的示例"),
        ("run sine-rnn --rescale", "sine-rnn 不接受 --rescale"),
        ("run sine-rnn --data-dir nowhere", "数据文件夹 'nowhere' 不存在"),
        ("compare sine-rnn", "缺少参数：--vary"),
        ("predict mnist-cnn nothing.png --runs nowhere", "无法读取（文件或文件夹不存在）"),
    ],
)
def test_mistakes_are_explained_in_chinese(
    words: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("keras-examples：错误：")
    assert expected in line
    assert not ENGLISH.search(without_code(line))


def test_a_wrong_language_is_told_in_both_ways_of_asking(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["list", "--lang", "fr"]) == 2
    assert "'fr'" in capsys.readouterr().err
    monkeypatch.setenv("KERAS_EXAMPLES_LANG", "fr")
    assert main(["list"]) == 2
    assert "KERAS_EXAMPLES_LANG is 'fr'" in capsys.readouterr().err


def test_the_list_is_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    main(["list"])
    chinese = capsys.readouterr().out
    main(["list", "--lang", "en"])
    english = capsys.readouterr().out
    assert len(chinese.splitlines()) == len(english.splitlines())
    assert not CHINESE.search(english)
    assert all(CHINESE.search(line) for line in chinese.splitlines())


def test_a_run_speaks_chinese_and_its_command_names_the_language(
    declare: Declare, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declare()
    folders = ["--plots", str(tmp_path / "plots"), "--runs", str(tmp_path / "runs")]
    assert main(["run", "line", *folders]) == 0
    out, err = capsys.readouterr()
    assert re.search(r"^line：已完成，用时 [\d.]+ 秒", out)
    assert "数据     line（计算得到）" in out
    assert "第 1/2 轮" in err
    record = json.loads((tmp_path / "runs/line/run.json").read_text("utf-8"))
    assert record["command"] == "keras-examples run line --lang zh"


def test_the_command_of_an_english_run_names_the_language_too(
    declare: Declare, tmp_path: Path
) -> None:
    declare()
    folders = ["--plots", str(tmp_path / "plots"), "--runs", str(tmp_path / "runs")]
    assert main(["run", "line", "--lang", "en", *folders]) == 0
    record = json.loads((tmp_path / "runs/line/run.json").read_text("utf-8"))
    assert record["command"] == "keras-examples run line --lang en"


def test_without_a_chinese_font_the_figures_are_english_and_one_line_says_so(
    declare: Declare,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("keras_examples.figures.fonts.chinese", lambda: None)
    declare()
    folders = ["--plots", str(tmp_path / "plots"), "--runs", str(tmp_path / "runs")]
    assert main(["run", "line", *folders]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "字体" in line]
    assert len(said) == 1
    record = json.loads((tmp_path / "runs/line/run.json").read_text("utf-8"))
    assert record["command"] == "keras-examples run line --lang en"
    assert main(["run", "line", "--lang", "zh", *folders]) == 2
    assert "没有可用于绘图的中文字体" in capsys.readouterr().err


def test_a_run_in_a_program_is_english_unless_told(
    declare: Declare, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from keras_examples import run

    declare()
    for lang, expected in (("en", "epoch 2/2"), ("zh", "第 2/2 轮")):
        run("line", lang=lang, plots=tmp_path / "plots", runs=tmp_path / "runs")
        assert expected in capsys.readouterr().err


def test_a_stream_that_cannot_show_chinese_gets_english(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stderr", stream)
    assert main(["run", "sinus", "--lang", "zh"]) == 2
    stream.seek(0)
    assert "unknown example 'sinus'" in stream.read()


@pytest.mark.parametrize("width", [20, 40, 78])
def test_chinese_lines_fit_the_width_and_lose_nothing(width: int) -> None:
    text = (
        "训练每个示例（见 `keras-examples list`），把图保存到图文件夹，把 history.csv、model.keras "
        "保存到运行文件夹。按 Ctrl-C 会停止。"
    )
    lines = wrap(text, width)
    assert max(map(columns, lines)) <= max(width, len("`keras-examples"))
    assert all(line[0] not in "，。、）" and line[-1] != "（" for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_english_lines_are_broken_at_spaces() -> None:
    with speaking("en"):
        assert wrap("one two three four", 9) == ["one two", "three", "four"]
