"""The options of a run, each declared once, and checked before anything is trained or written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keras_examples.core import LANGUAGES, Example, InputError, Text, catalogue
from keras_examples.core.files import PathLike
from keras_examples.core.options import check, flag, option, words
from keras_examples.datasets import images
from keras_examples.datasets.folder import expand
from keras_examples.datasets.loading import SOURCES
from keras_examples.runner import overrides

LARGEST_SEED = 2**32 - 1
# Beyond anyone's time or memory, and within the 64-bit integers that TensorFlow counts with.
LARGEST_COUNT = 10**9
RECIPES = ("fast", "augmented")  # an option each


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """What `run()` and `compare()` both take."""

    epochs: int | None = option(
        None,
        "Number of passes over the training data, at least 1 (default: as in the article).",
        "训练的轮数，至少为 1（默认与文章相同）。",
        least=1,
        most=LARGEST_COUNT,
        config=True,
    )
    batch_size: int | None = option(
        None,
        "Samples per training step, at least 1 (default: as in the article).",
        "每步训练的样本数，至少为 1（默认与文章相同）。",
        least=1,
        most=LARGEST_COUNT,
        config=True,
    )
    rescale: bool = option(
        False,
        "Divide pixels by 255 first, which the articles do not do (with `all`, examples without "
        "pixels are trained as usual).",
        "先把像素除以 255，文章里没有这一步（与 `all` 一起用时，没有像素的示例照常训练）。",
        config=True,
    )
    data: str = option(
        "auto",
        "`real`: the real data or an error; `stand-in`: images drawn by code, for a quick try; "
        "`auto`: the real data if it can be loaded, else the stand-in (default: auto).",
        "`real`：只用真实数据，没有就报错；`stand-in`：用程序绘制的替代数据，用于快速试运行；"
        "`auto`：能读到真实数据就用真实数据，否则用替代数据（默认为 auto）。",
        choices=SOURCES,
    )
    data_dir: PathLike | None = option(
        None,
        "Folder that contains `mnist/` and `fashion-mnist/` with their IDX files (default: "
        "$KERAS_EXAMPLES_DATA, then the cache, then a download).",
        "含有 `mnist/` 和 `fashion-mnist/` 的文件夹，里面是各自的 IDX 文件"
        "（默认依次为 $KERAS_EXAMPLES_DATA、缓存、下载）。",
        metavar="DIR",
        repeat=False,
    )
    lang: str = option(
        "en",
        "Language of the figures and messages, English (`en`) or Chinese (`zh`) (default: en; on "
        "the command line, that of the system).",
        "图和消息的语言：英文（`en`）或中文（`zh`）（默认为 en；在命令行中为系统的语言）。",
        choices=LANGUAGES,
        named=True,
    )
    plots: PathLike = option(
        "plots",
        "Folder for figures (default: plots).",
        "保存图的文件夹（默认为 plots）。",
        metavar="DIR",
        repeat=False,
    )
    runs: PathLike = option(
        "runs",
        "Folder for records and models (default: runs).",
        "保存记录和模型的文件夹（默认为 runs）。",
        metavar="DIR",
        repeat=False,
    )

    def check(self, name: str) -> None:
        """Checks everything that can be checked without importing the example.

        Args:
            name: The example's name.

        Raises:
            InputError: An option cannot be used; the message says why, and what to do.
        """
        catalogue.resolve(name)
        check(self)
        if self.lang != "en":
            from keras_examples.figures import fonts  # imports matplotlib, which is slow

            fonts.require("zh")
        if self.data_dir is not None and not expand(self.data_dir).is_dir():
            given = os.fspath(self.data_dir)
            raise InputError(
                f"data folder {given!r} does not exist or is not a folder; name one that contains "
                "mnist/ and fashion-mnist/, or leave it out to download them.",
                f"数据文件夹 {given!r} 不存在，或不是文件夹；请指定含有 mnist/ 和 fashion-mnist/ "
                "的文件夹，或不指定，以便自动下载。",
            )


@dataclass(frozen=True, kw_only=True)
class Options(TrainingOptions):
    """What `run()` takes."""

    seed: int = option(
        0,
        "Whole number from 0 to 4294967295 that determines everything random: on one machine, the "
        "same seed gives the same result, to the bit (default: 0).",
        "随机种子，0 到 4294967295 的整数，决定一切随机的东西：同一台机器上，"
        "相同的种子逐位得到相同的结果（默认为 0）。",
        least=0,
        most=LARGEST_SEED,
        config=True,
    )
    fast: bool = option(
        False,
        "Train with the example's recipe for speed, if it has one, instead of the article's. The "
        "results are saved beside the article's, under a name of their own.",
        "如果示例有更快的配方，就用它代替文章的配方训练。结果另起名字，与文章的结果并列保存。",
    )
    augmented: bool = option(
        False,
        "Train with the example's recipe that adds distorted copies of the training images (moved, "
        "turned, scaled, sheared, thicker or thinner), if it has one. The results are saved beside "
        "the article's, under a name of their own.",
        "如果示例有数据增强的配方，就加入变形后的训练图片（平移、旋转、缩放、倾斜、"
        "加粗或变细）一起训练。结果另起名字，与文章的结果并列保存。",
    )
    plain: bool = option(
        False,
        "Train with Keras's fit, on the same batches: slower, for comparison; equal to rounding.",
        "用 Keras 的 fit 在同样的批次上训练：较慢，用于对照；结果只差舍入误差。",
        config=True,
    )
    animate: bool = option(
        False,
        "Also save an animation of how it learned (a GIF) and its last frame, for examples that "
        "have one.",
        "对有动画的示例，再保存一段学习过程的动画（GIF）及其最后一帧。",
        config=True,
    )
    lang: str = option(
        "en",
        "Language of the figures and messages, English (`en`) or Chinese (`zh`); `both`: figures "
        "in both, the Chinese ones in a folder `zh` in that of the others (default: en; on the "
        "command line, that of the system).",
        "图和消息的语言：英文（`en`）或中文（`zh`）；`both`：图用两种语言，"
        "中文图放在图文件夹下的 `zh` 里（默认为 en；在命令行中为系统的语言）。",
        choices=(*LANGUAGES, "both"),
        named=True,
    )
    images: PathLike | None = option(
        None,
        "Learn your own pictures instead: a folder with a subfolder for each class, which gives "
        "it its name. A fifth of each class is held out for testing. The results are saved "
        "beside the article's, under a name of their own (default: as in the article).",
        "改为学习自己的图片：文件夹中每个子文件夹是一类，子文件夹的名字就是类名。"
        "每类留出五分之一用于测试。结果另起名字，与文章的结果并列保存（默认与文章相同）。",
        metavar="DIR",
    )
    resume: bool = option(
        False,
        "Continue an interrupted run from its last checkpoint; the result is the same, to the "
        "bit, as without the interruption. A complete run is left as it is.",
        "从最近的检查点继续中断的运行；结果与没有中断过逐位相同。已完成的运行保持不变。",
        repeat=False,
    )
    strategy: str | None = option(
        None,
        "Split each batch among all devices of this machine (`mirrored`), or among the machines in "
        "the environment variable TF_CONFIG, each of which runs the same command "
        "(`multi-worker`) (default: one device).",
        "把每个批次分给本机的所有设备（`mirrored`），或分给环境变量 TF_CONFIG 中的各台机器，"
        "每台都运行同一条命令（`multi-worker`）（默认只用一个设备）。",
        choices=("mirrored", "multi-worker"),
        config=True,
    )
    hyperparameters: Mapping[str, Any] | None = option(
        None,
        "Change arguments of the example's `build_model`, such as learning_rate=0.01,units=64 "
        "(default: as in the article).",
        "修改示例的 `build_model` 的参数，例如 learning_rate=0.01,units=64（默认与文章相同）。",
        read=overrides.read_assignments,
        metavar="NAME=VALUE,…",
        repeat=False,
    )
    verbose: bool = option(
        True,
        "Whether to show progress on stderr.",
        "是否在标准错误输出上显示进度。",
        read=None,
        repeat=False,
    )

    def check(self, name: str) -> None:
        """Checks everything that can be checked without importing the example."""
        super().check(name)
        if len(chosen := self._recipes()) > 1:
            flags = [*map(flag, chosen)]
            raise InputError(
                f"{' and '.join(flags)}: each is a recipe of its own; leave out one of the two.",
                f"{' 和 '.join(flags)}：各自是一种配方；请去掉其中一个。",
            )
        for other in ("resume", "strategy"):
            if self.plain and getattr(self, other):
                raise InputError(
                    f"--plain and --{other}: plain training is Keras's own fit, on one device and "
                    "without checkpoints to resume from; leave out one of the two.",
                    f"--plain 和 --{other}：--plain 用 Keras 自己的 fit 训练，只用一个设备，"
                    "也没有可供继续的检查点；请去掉其中一个。",
                )
        if self.images is not None:
            if self.data != "auto" or self.data_dir is not None:
                other = flag("data" if self.data_dir is None else "data_dir")
                raise InputError(
                    f"--images and {other}: both name data; leave out one of the two.",
                    f"--images 和 {other}：两者都指定数据；请去掉其中一个。",
                )
            images.find(self.images)
        if self.strategy == "multi-worker":
            from keras_examples.runner.distributed import cluster

            cluster.read_tf_config()

    def _recipes(self) -> list[str]:
        return [name for name in RECIPES if getattr(self, name)]

    @property
    def recipe(self) -> str | None:
        """The recipe to train with, instead of the article's, if any."""
        return next(iter(self._recipes()), None)

    def unusable(self, example: Example) -> dict[str, Text]:
        """Returns the options set here that an example has no use for, each with the reason."""
        reasons = {}
        if self.recipe and self.recipe not in example.recipes:
            reasons[self.recipe] = Text(
                f"has no recipe {self.recipe!r}", f"没有配方 {self.recipe!r}"
            )
        if self.rescale and "rescale" not in example.model_arguments:
            reasons["rescale"] = Text("does not take --rescale", "不接受 --rescale")
        if self.animate and example.animation is None:
            reasons["animate"] = Text("has no animation", "没有动画")
        if self.images is not None and not (example.reads and "classes" in example.model_arguments):
            reasons["images"] = Text("does not take --images", "不接受 --images")
        for name in ("epochs", "batch_size", "strategy"):
            if getattr(self, name) is not None and not example.epochs:
                reasons[name] = Text(
                    "has nothing to train, because its weights are fixed",
                    "没有可训练的内容，因为它的权重是固定的",
                )
        for name in set(self.hyperparameters or ()) - set(example.hyperparameters):
            has = overrides.explain(example.hyperparameters)
            reasons["hyperparameters"] = Text(
                f"has no hyperparameter {name!r}, it has {has.en}",
                f"没有超参数 {name!r}，可用的超参数：{has.zh}",
            )
        return reasons

    def check_example(self, example: Example) -> None:
        """Checks what depends on the example itself.

        Args:
            example: The example to run.

        Raises:
            InputError: It has no use for an option set here, or cannot take its value.
        """
        for name, reason in self.unusable(example).items():
            raise InputError(
                f"{example.name} {reason.en}; leave out {flag(name)}.",
                f"{example.name} {reason.zh}；请去掉 {flag(name)}。",
            )
        overrides.parse(example, self.hyperparameters)

    def command(self, example: Example) -> str:
        """Returns the command that repeats a run, except for folders, which differ by machine."""
        changed = overrides.parse(example, self.hyperparameters)
        more = ["--hyperparameters", overrides.spell(changed)] if changed else []
        return shlex.join(["keras-examples", "run", example.name, *words(self), *more])
