"""Generative adversarial network on MNIST: digits out of noise (690,001 parameters).

A generator turns noise into images; a discriminator tells them from real ones. Each learns from the
other's mistakes: the discriminator minimises the cross-entropy of its verdicts, the generator that
of its images passing for real. Neither ever sees a label. The discriminator is to say 0.8 of a real
image, not 1: guessing then costs it 0.673, and a perfect verdict 0.250, not ln 2 and 0.

Losses do not tell how good the images are, so a judge does: `mnist_cnn`, trained for one epoch. It
finds which share of the images it recognises as some digit with at least 0.9 confidence, and how
often each digit occurs, for a generator may have learned only a few of them.

From article 004, 生成对抗网络: a heading in its table of contents, whose text is lost, so the
design is ours.

Data: MNIST, 60,000 training and 10,000 test images of 28×28 pixels, whole numbers from 0 (black) to
255 (white). The test images are held out from both networks.

Example:
    >>> from keras_examples.mnist_gan import build_model, load_data, noise
    >>> data, model = load_data(), build_model()
    >>> model.fit(data.x_train, data.y_train, batch_size=64, epochs=16, validation_data=data.test)
    >>> images = model.predict(noise(10))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from keras_examples import mnist_cnn
from keras_examples.core import (
    Bounds,
    Example,
    Rate,
    Recipe,
    Size,
    Text,
    Trained,
    builder,
    require_tensorflow,
)
from keras_examples.figures import mnist_gan

NOISE = 64
SURE = 0.9
SAMPLES = 5000
LOSSES = ("generator_loss", "discriminator_loss")

load_data = mnist_cnn.load_data


@builder
def build_model(
    *,
    noise: Size = NOISE,
    learning_rate: Rate = 0.002,
    real_target: Annotated[float, Bounds(above=0.5, most=1)] = 0.8,
) -> keras.Model:
    """Builds and compiles generator and discriminator as one model.

    Args:
        noise: How many random numbers an image is made of.
        learning_rate: Adam's learning rate of both networks, above 0.
        real_target: What the discriminator shall say of real images, in (0.5, 1].

    Returns:
        A compiled `GAN`: trained on images, shape `(batch, 28, 28, 1)`, pixels 0 to 255, it turns
        normal noise, shape `(batch, noise)`, into such images.

    Raises:
        InputError: Keras's backend is not TensorFlow, with which a `GAN` learns.
    """
    require_tensorflow(Text("the GAN's training step", "GAN 的训练步"))
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
    model.compile(adam)
    return model


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


def discriminator_costs(real_target: float) -> tuple[float, float]:
    """Returns what the discriminator pays at two extremes, in nats.

    It is to say `real_target` of real images and 0 of generated ones, as many of either. Whoever
    cannot tell them apart does best to say the mean of the two of all; whoever can says exactly
    what is wanted, which still costs the entropy of the target.

    Args:
        real_target: As for `build_model()`.

    Returns:
        The cost of the best constant guess, and the least cost of all.
    """
    guess = real_target / 2
    return _entropy(guess), _entropy(real_target) / 2


def _entropy(probability: float) -> float:
    chances = np.array([probability, 1 - probability])
    return float(-(chances * np.log(np.maximum(chances, 1e-300))).sum())


def build_judge() -> keras.Model:
    """Builds and compiles the convolutional network that judges the images, pixels rescaled."""
    return mnist_cnn.build_model(rescale=True)


def noise(count: int, size: int = NOISE) -> np.ndarray:
    """Returns the noise that images are looked at with, always the same, shape `(count, size)`."""
    return np.random.default_rng(0).standard_normal((count, size), dtype=np.float32)


def snapshot(model: keras.Model, data: Any = None) -> np.ndarray:
    """Returns ten images of the same noise each time, `uint8`, shape `(10, 28, 28)`."""
    return _images(model, 10)


def _images(model: keras.Model, count: int) -> np.ndarray:
    size = model.generator.input_shape[1]
    images = model.predict(noise(count, size), batch_size=500, verbose=0)
    return np.asarray(images[..., 0].round().astype(np.uint8))


def measure(trained: Trained) -> Mapping[str, Any]:
    """Lets the judge look at 5,000 images, and measures how good a judge it is.

    For the figures it also keeps images of the trained model, whose weights are averaged.
    """
    judge = trained.companions["judge"]
    images = _images(trained.model, SAMPLES)[..., None]
    opinions = judge.model.predict(images, batch_size=500, verbose=0)
    shares = np.bincount(opinions.argmax(axis=1), minlength=10) / SAMPLES
    guess, floor = discriminator_costs(trained.model.real_target)
    return {
        "guess_cost": guess,
        "floor_cost": floor,
        "judge_accuracy": judge.history["val_accuracy"][-1],
        "recognised": float(np.mean(opinions.max(axis=1) >= SURE)),
        **{f"share_{digit}": float(share) for digit, share in enumerate(shares)},
        "averaged": snapshot(trained.model),
        "sure": str(SURE),  # as text, for the record holds what was measured
    }


EXAMPLE = Example(
    title=Text("GAN on MNIST", "生成对抗网络（MNIST）"),
    article="004",
    epochs=16,
    batch_size=64,
    backends=("tensorflow",),
    part="generator",
    figures=(mnist_gan.losses, mnist_gan.samples, mnist_gan.class_shares),
    companions={
        "judge": Recipe(of=mnist_cnn.EXAMPLE, build_model=build_judge, epochs=1, batch_size=128)
    },
    measure=measure,
    snapshot=snapshot,
    animation=mnist_gan.growing,
)

if __name__ == "__main__":
    EXAMPLE.main()
