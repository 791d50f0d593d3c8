"""The figures of the generator, the discriminator and their judge."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from keras_examples.core import Text, Trained
from keras_examples.figures import style


def losses(trained: Trained) -> Figure:
    """Both networks' losses over the epochs, in training and on images held out."""
    figure = style.new_figure(f"{trained.title}{trained.text(': losses', '：损失')}")
    axes = figure.subplots()
    for metric, network, colour in (
        ("generator_loss", Text("Generator", "生成器"), style.VERMILION),
        ("discriminator_loss", Text("Discriminator", "判别器"), style.BLUE),
    ):
        for key, dashes, kind in (
            (metric, "-", Text(", training", "，训练")),
            (f"val_{metric}", "--", Text(", validation", "，验证")),
        ):
            values = trained.history[key]
            label = (network + kind)[trained.lang]
            axes.plot(np.arange(1, len(values) + 1), values, dashes, color=colour, label=label)
    guess, floor = trained.measures["guess_cost"], trained.measures["floor_cost"]
    for cost, dashes, what in (
        (guess, ":", Text("Discriminator that only guesses: ", "判别器只能猜测：")),
        (floor, "-.", Text("Discriminator at its best: ", "判别器的下限：")),
    ):
        name = f"{what[trained.lang]}{cost:.3f}"
        axes.axhline(cost, color=style.GREY, linestyle=dashes, label=name)
    style.count_axis(axes, trained.text("Epoch", "轮次 (epoch)"))
    axes.set_ylabel(trained.text("Loss (cross-entropy, nats)", "损失（交叉熵，奈特）"))
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside lower left", ncols=2)
    return figure


def samples(trained: Trained) -> Figure:
    """What becomes of the same ten draws of noise over the epochs, one row per epoch."""
    epochs = len(trained.snapshots)
    # Most happens early: rows at 1, 2, 4, 8, … epochs and the last.
    shown = sorted({epochs, *(2**power for power in range(7) if 2**power < epochs)})
    figure = style.new_figure(
        trained.title
        + trained.text(": the same noise over the epochs", "：同一噪声在各轮次后生成的图像"),
        figsize=(7.6, 1 + 0.72 * (len(shown) + 1)),
    )
    rows = [
        *((trained.text(f"epoch {at}", f"第 {at} 轮"), trained.snapshots[at - 1]) for at in shown),
        (trained.text("averaged\nweights", "平均\n权重"), trained.measures["averaged"]),
    ]
    grid = figure.subplots(len(rows), 10)
    for line, (label, images) in zip(grid, rows, strict=True):
        for axes, image in zip(line, images, strict=True):
            axes.imshow(image, vmin=0, vmax=255)
            axes.set_axis_off()
        line[0].text(-0.15, 0.5, label, transform=line[0].transAxes, ha="right", va="center")
    return figure


def class_shares(trained: Trained) -> Figure:
    """How often the judge sees each digit in the generated images, beside the real test images."""
    recognised, sure = trained.measures["recognised"], trained.measures["sure"]
    accuracy = trained.measures["judge_accuracy"]
    figure = style.new_figure(
        trained.title
        + trained.text(
            f": {recognised:.0%} recognised with confidence ≥ {sure}",
            f"：{recognised:.0%} 的图像以 ≥ {sure} 的置信度被识别",
        )
    )
    axes = figure.subplots()
    digits = np.arange(10)
    real = np.bincount(trained.data.evaluation[1], minlength=10) / len(trained.data.evaluation[1])
    generated = [trained.measures[f"share_{digit}"] for digit in digits]
    for offset, shares, colour, label in (
        (-0.2, real, style.GREY, Text("Test images (their labels)", "测试图像（真实标签）")),
        (
            0.2,
            generated,
            style.VERMILION,
            Text(
                f"Generated images (judge: CNN, accuracy {accuracy:.1%})",
                f"生成图像（由准确率 {accuracy:.1%} 的 CNN 判断）",
            ),
        ),
    ):
        height = 100 * np.asarray(shares)
        axes.bar(digits + offset, height, 0.4, color=colour, label=label[trained.lang])
    axes.set_xticks(digits)
    axes.set_xlabel(trained.text("Digit", "数字"))
    axes.set_ylabel(trained.text("Share (% of images)", "占比（占图像的 %）"))
    figure.legend(loc="outside lower left", ncols=2)
    return figure


def growing(trained: Trained) -> Iterator[Figure]:
    """What becomes of the same ten draws of noise, epoch by epoch."""
    figure = style.new_figure("", figsize=(8.0, 1.6))
    grid = figure.subplots(1, 10)
    for epoch, images in enumerate(trained.snapshots, start=1):
        for axes, image in zip(grid, images, strict=True):
            axes.clear()
            axes.imshow(image, vmin=0, vmax=255)
            axes.set_axis_off()
        figure.suptitle(
            trained.text(f"Digits out of noise: epoch {epoch}", f"由噪声生成数字：第 {epoch} 轮")
        )
        yield figure
