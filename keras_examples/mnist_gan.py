"""Generative adversarial network on MNIST: digits out of noise (690,001 parameters).

The article's table of contents promises a generative adversarial network; its text is lost, so the
design is ours. A generator turns noise into images; a discriminator tells them from real ones. Each
learns from the other's mistakes: the discriminator minimises the cross-entropy of its verdicts, the
generator that of its images passing for real. Neither ever sees a label.

Losses do not say how good the images are, so a judge does: `mnist_cnn`, trained for one epoch. It
says which share of the images it recognises as some digit with at least 0.9 confidence, and how
often each digit occurs, for a generator may have learned only a few of them.

- Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black)
  to 255 (white). The test images are held out from both networks.
- Generator: 64 normal random numbers, Dense 64, Dense 256, both leaky ReLU, Dense 784 sigmoid, to
  pixels 0 to 255. Discriminator: the pixels scaled to −1 to 1, Dense 512, Dense 128, both leaky
  ReLU, Dense 1 (a logit), whose target for real images is 0.8, not 1. Adam (β₁ = 0.5, the weights
  averaged over the last steps), 16 epochs of batches of 64.
- Article 004: 机器学习中的神经网络重难点!纯干货(上篇), 生成对抗网络 (in its table of contents).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from matplotlib.figure import Figure

from keras_examples import mnist_cnn
from keras_examples.core import Example, Trained
from keras_examples.figures import style
from keras_examples.mnist_cnn import load_data

NOISE = 64
SURE = 0.9
SAMPLES = 5000
LOSSES = ("generator_loss", "discriminator_loss")


@keras.saving.register_keras_serializable(package="keras_examples")
class GAN(keras.Model):
    """A generator and a discriminator that learn from each other, as one Keras model.

    Called with noise, it generates; trained with `fit` on images, it ignores their labels.

    Args:
        generator: Model from noise, shape `(batch, noise)`, to images.
        discriminator: Model from images to logits, shape `(batch, 1)`: above 0 for a real one.
        real_target: What the discriminator shall say of real images, in (0.5, 1]. Less than 1
            keeps it from growing so sure that the generator has nothing to learn from.
        seed: Seed of the noise. By default drawn from Keras's global generator.
        **options: Further arguments of `keras.Model`, such as its name.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        real_target: float = 0.8,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.generator = generator
        self.discriminator = discriminator
        self.real_target = real_target
        self.seed = seed
        self.noise = keras.random.SeedGenerator(seed)
        self.trackers = [keras.metrics.Mean(name=name) for name in LOSSES]
        self.built = True  # both networks are, and `fit` could only guess from the images

    def call(self, noise: Any, training: bool = False) -> Any:
        """Generates images, shape `(batch, 28, 28, 1)`, from noise, shape `(batch, noise)`."""
        return self.generator(noise, training=training)

    @property
    def metrics(self) -> list[Any]:
        """The means that Keras sets back before each epoch."""
        return self.trackers

    def losses_on(self, images: Any, *, training: bool) -> tuple[Any, Any]:
        """Returns the generator's and the discriminator's loss on a batch, both in nats.

        Args:
            images: Real images, shape `(batch, 28, 28, 1)`; as many are generated.
            training: Whether the networks are to behave as in training.
        """
        shape = (ops.shape(images)[0], self.generator.input_shape[1])
        fakes = self.generator(keras.random.normal(shape, seed=self.noise), training=training)
        real = self.discriminator(ops.cast(images, fakes.dtype), training=training)
        fake = self.discriminator(fakes, training=training)
        discriminator_loss = (_cross_entropy(self.real_target, real) + _cross_entropy(0, fake)) / 2
        return _cross_entropy(1, fake), discriminator_loss

    def train_step(self, data: Any) -> dict[str, Any]:
        """Takes one step of both networks at once, each down its own loss."""
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        networks = (self.generator, self.discriminator)
        with tf.GradientTape(persistent=True) as tape:
            losses = self.losses_on(images, training=True)
        gradients, variables = [], []
        for network, loss in zip(networks, losses, strict=True):
            gradients += tape.gradient(loss, network.trainable_variables)
            variables += network.trainable_variables
        self.optimizer.apply(gradients, variables)
        return self._report(losses)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measures both losses on images that neither network has seen."""
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self._report(self.losses_on(images, training=False))

    def _report(self, losses: tuple[Any, Any]) -> dict[str, Any]:
        for tracker, loss in zip(self.trackers, losses, strict=True):
            tracker.update_state(loss)
        return {tracker.name: tracker.result() for tracker in self.trackers}

    def get_config(self) -> dict[str, Any]:
        """Returns what it takes to build the same model again."""
        return {
            **super().get_config(),
            "generator": keras.saving.serialize_keras_object(self.generator),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "real_target": self.real_target,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> GAN:
        """Builds the model of a `get_config()`."""
        networks = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("generator", "discriminator")
        }
        return cls(**{**config, **networks})


def _cross_entropy(target: float, logits: Any) -> Any:
    targets = ops.full_like(logits, target)
    return ops.mean(ops.binary_crossentropy(targets, logits, from_logits=True))


def build_model(
    *, noise: int = NOISE, learning_rate: float = 0.002, real_target: float = 0.8
) -> keras.Model:
    """Builds and compiles generator and discriminator as one model.

    Args:
        noise: How many random numbers an image is made of.
        learning_rate: Adam's learning rate of both networks, above 0.
        real_target: What the discriminator shall say of real images, in (0.5, 1].

    Returns:
        A compiled `GAN`: trained on images, shape `(batch, 28, 28, 1)`, pixels 0 to 255, it turns
        normal noise, shape `(batch, noise)`, into such images.
    """
    generator = keras.Sequential(
        [
            keras.Input((noise,)),
            layers.Dense(64),
            layers.LeakyReLU(0.2),
            layers.Dense(256),
            layers.LeakyReLU(0.2),
            layers.Dense(28 * 28, activation="sigmoid"),
            layers.Rescaling(255.0),
            layers.Reshape((28, 28, 1)),
        ],
        name="generator",
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Flatten(),
            layers.Dense(512),
            layers.LeakyReLU(0.2),
            layers.Dense(128),
            layers.LeakyReLU(0.2),
            layers.Dense(1),
        ],
        name="discriminator",
    )
    model = GAN(generator, discriminator, real_target=real_target, name="mnist_gan")
    # Two networks that chase each other circle around a good point; the average of their weights
    # over the last steps, which `use_ema` leaves in the end, is nearer to it.
    adam = keras.optimizers.Adam(learning_rate, beta_1=0.5, use_ema=True, ema_momentum=0.998)
    model.compile(optimizer=adam)
    return model


def build_judge() -> keras.Model:
    """Builds and compiles the convolutional network that judges the images, pixels rescaled."""
    return mnist_cnn.build_model(rescale=True)


def noise(count: int, size: int = NOISE) -> np.ndarray:
    """Returns the noise that images are looked at with, always the same, shape `(count, size)`."""
    return np.random.default_rng(0).standard_normal((count, size), dtype=np.float32)


def snapshot(model: keras.Model) -> np.ndarray:
    """Returns ten images of the same noise each time, `uint8`, shape `(10, 28, 28)`."""
    return _images(model, 10)


def _images(model: keras.Model, count: int) -> np.ndarray:
    size = model.generator.input_shape[1]
    images = model.predict(noise(count, size), batch_size=500, verbose=0)
    return np.asarray(images[..., 0].round().astype(np.uint8))


def measure(trained: Trained) -> Mapping[str, float]:
    """Lets the judge look at 5,000 images, and tells how good a judge it is."""
    judge = trained.companions["judge"]
    images = _images(trained.model, SAMPLES)[..., None]
    opinions = judge.model.predict(images, batch_size=500, verbose=0)
    shares = np.bincount(opinions.argmax(axis=1), minlength=10) / SAMPLES
    return {
        "judge_accuracy": judge.history["val_accuracy"][-1],
        "recognised": float(np.mean(opinions.max(axis=1) >= SURE)),
        **{f"share_{digit}": float(share) for digit, share in enumerate(shares)},
    }


def losses(trained: Trained) -> Figure:
    """Both networks' losses over the epochs, in training and on images held out."""
    figure = style.new_figure(f"{trained.title}{trained.say(': losses', '：损失')}")
    axes = figure.subplots()
    names = (("Generator", "生成器"), ("Discriminator", "判别器"))
    for metric, network, colour in zip(LOSSES, names, (style.VERMILION, style.BLUE), strict=True):
        for key, dashes, kind in (
            (metric, "-", (", training", "，训练")),
            (f"val_{metric}", "--", (", validation", "，验证")),
        ):
            values = trained.history[key]
            label = trained.say(network[0] + kind[0], network[1] + kind[1])
            axes.plot(np.arange(1, len(values) + 1), values, dashes, color=colour, label=label)
    axes.axhline(
        np.log(2),
        color=style.GREY,
        linestyle=":",
        label=trained.say("ln 2: discriminator guesses", "ln 2：判别器只能猜测"),
    )
    style.count_axis(axes, trained.say("Epoch", "轮次 (epoch)"))
    axes.set_ylabel(trained.say("Loss (cross-entropy, nats)", "损失（交叉熵，奈特）"))
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside lower left", ncols=3)
    return figure


def samples(trained: Trained) -> Figure:
    """What becomes of the same ten draws of noise over the epochs, a row an epoch."""
    epochs = len(trained.snapshots)
    # Most happens early: rows at 1, 2, 4, 8, … epochs and the last.
    shown = sorted({epochs, *(2**power for power in range(7) if 2**power < epochs)})
    figure = style.new_figure(
        trained.title
        + trained.say(": the same noise over the epochs", "：同一噪声在各轮次后生成的图像"),
        figsize=(7.6, 1 + 0.72 * (len(shown) + 1)),
    )
    rows = [
        *((trained.say(f"epoch {at}", f"第 {at} 轮"), trained.snapshots[at - 1]) for at in shown),
        (trained.say("averaged\nweights", "平均\n权重"), snapshot(trained.model)),
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
    recognised = trained.measures["recognised"]
    accuracy = trained.measures["judge_accuracy"]
    figure = style.new_figure(
        trained.title
        + trained.say(
            f": {recognised:.0%} recognised with confidence ≥ {SURE}",
            f"：{recognised:.0%} 的图像以 ≥ {SURE} 的置信度被识别",
        )
    )
    axes = figure.subplots()
    digits = np.arange(10)
    real = np.bincount(trained.data.evaluation[1], minlength=10) / len(trained.data.evaluation[1])
    generated = [trained.measures[f"share_{digit}"] for digit in digits]
    for offset, shares, colour, label in (
        (-0.2, real, style.GREY, ("Test images (their labels)", "测试图像（真实标签）")),
        (
            0.2,
            generated,
            style.VERMILION,
            (
                f"Generated images (judge: CNN, accuracy {accuracy:.1%})",
                f"生成图像（由准确率 {accuracy:.1%} 的 CNN 判断）",
            ),
        ),
    ):
        axes.bar(
            digits + offset, 100 * np.asarray(shares), 0.4, color=colour, label=trained.say(*label)
        )
    axes.set_xticks(digits)
    axes.set_xlabel(trained.say("Digit", "数字"))
    axes.set_ylabel(trained.say("Share (% of images)", "占比（占图像的 %）"))
    figure.legend(loc="outside lower left", ncols=2)
    return figure


EXAMPLE = Example(
    name="mnist-gan",
    title={"en": "GAN on MNIST", "zh": "生成对抗网络（MNIST）"},
    article="004",
    load_data=load_data,
    build_model=build_model,
    epochs=16,
    batch_size=64,
    figures=(losses, samples, class_shares),
    companions={
        "judge": dataclasses.replace(
            mnist_cnn.EXAMPLE, build_model=build_judge, epochs=1, batch_size=128
        )
    },
    measure=measure,
    snapshot=snapshot,
)

if __name__ == "__main__":
    from keras_examples.cli import run_example

    raise SystemExit(run_example(EXAMPLE.name))
