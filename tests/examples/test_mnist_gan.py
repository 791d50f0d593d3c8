from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_examples import Run, mnist_gan

quick = pytest.fixture(scope="module")(lambda quick_run: quick_run("mnist-gan"))
real = pytest.fixture(scope="module")(lambda real_run: real_run("mnist-gan"))

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 28, 28, 1)).astype(np.uint8)


def small_gan(**options: float) -> mnist_gan.GAN:
    """One layer each; every call gives the same weights and the same noise."""
    keras.utils.set_random_seed(0)
    generator = [keras.layers.Dense(784, activation="sigmoid"), keras.layers.Reshape((28, 28, 1))]
    return mnist_gan.GAN(
        keras.Sequential([keras.Input((4,)), *generator]),
        keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]),
        seed=0,
        **options,
    )


def test_it_has_690001_parameters() -> None:
    assert sum(w.numpy().size for w in mnist_gan.build_model().trainable_variables) == 690_001


def test_noise_becomes_images_of_pixels() -> None:
    images = mnist_gan.build_model(noise=5).predict(mnist_gan.noise(3, 5), verbose=0)
    assert images.shape == (3, 28, 28, 1)
    assert images.min() >= 0
    assert images.max() <= 255


def test_a_discriminator_that_guesses_costs_both_ln_2() -> None:
    gan = small_gan()
    gan.discriminator.set_weights([0 * weight for weight in gan.discriminator.get_weights()])
    np.testing.assert_allclose(gan.losses_on(IMAGES, training=True), np.log(2), rtol=1e-6)


def test_with_a_target_of_four_fifths_guessing_costs_0_673_and_no_verdict_less_than_0_250() -> None:
    guess, floor = mnist_gan.discriminator_costs(0.8)
    np.testing.assert_allclose((guess, floor), (0.673, 0.250), atol=5e-4)
    gan = small_gan()  # with the target of 0.8
    weights = [0 * weight for weight in gan.discriminator.get_weights()]
    costs = {}
    for verdict in (0.3, 0.4, 0.5):
        logit = np.log(verdict / (1 - verdict))
        gan.discriminator.set_weights([weights[0], weights[1] + logit])
        costs[verdict] = float(gan.losses_on(IMAGES, training=True)[1])
    assert costs[0.4] == min(costs.values()) == pytest.approx(guess, rel=1e-5)
    perfect = np.log(0.8 / 0.2)
    real, fake = (
        float(mnist_gan._cross_entropy(target, np.array([[logit]])))
        for target, logit in ((0.8, perfect), (0, -50.0))
    )
    assert (real + fake) / 2 == pytest.approx(floor, rel=1e-5)


def test_with_a_target_of_1_guessing_costs_ln_2_and_a_perfect_verdict_nothing() -> None:
    np.testing.assert_allclose(mnist_gan.discriminator_costs(1), (np.log(2), 0), atol=1e-12)


def test_a_discriminator_that_is_sure_of_itself_pays_for_it() -> None:
    costs = []
    for target in (1.0, 0.9):
        gan = small_gan(real_target=target)
        weights = [0 * weight for weight in gan.discriminator.get_weights()]
        gan.discriminator.set_weights([weights[0] + 1e-3, weights[1] - 10])  # real 90, fakes -10
        costs.append(float(gan.losses_on(IMAGES, training=True)[1]))
    assert costs[0] < 1e-3 < 1 < costs[1]


def test_a_step_takes_each_network_down_its_own_loss() -> None:
    gan, twin = small_gan(), small_gan()
    with tf.GradientTape(persistent=True) as tape:
        generator_loss, discriminator_loss = twin.losses_on(IMAGES, training=True)
    expected = []
    for network, loss in (
        (twin.generator, generator_loss),
        (twin.discriminator, discriminator_loss),
    ):
        variables = network.trainable_variables
        expected += [
            w - 0.1 * g for w, g in zip(variables, tape.gradient(loss, variables), strict=True)
        ]
    gan.compile(optimizer=keras.optimizers.SGD(0.1))
    gan.train_on_batch(IMAGES, np.zeros(6))
    for weight, wanted in zip(gan.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(weight, wanted, rtol=1e-4, atol=1e-5)


def test_every_step_draws_new_noise() -> None:
    gan = small_gan()
    first, second = (float(gan.losses_on(IMAGES, training=True)[0]) for _ in range(2))
    assert first != second


def test_the_saved_model_loads_generates_the_same_and_learns_on(quick: Run) -> None:
    loaded = keras.models.load_model(quick.folder / "model.keras")
    np.testing.assert_array_equal(mnist_gan.snapshot(loaded), mnist_gan.snapshot(quick.model))
    losses = loaded.train_on_batch(IMAGES, np.zeros(6), return_dict=True)
    assert set(losses) == set(mnist_gan.LOSSES)


@pytest.mark.slow
def test_one_seed_gives_one_generator_to_the_bit(quick: Run, quick_run: Callable[..., Run]) -> None:
    again = quick_run("mnist-gan", lang="zh")
    assert again.record["weights_sha256"] == quick.record["weights_sha256"]


def test_its_figures_are_drawn(quick: Run) -> None:
    assert [figure.name for figure in quick.figures] == [
        "mnist-gan-losses.png",
        "mnist-gan-samples.png",
        "mnist-gan-class-shares.png",
    ]


def test_the_shares_of_the_digits_sum_to_one(quick: Run) -> None:
    assert sum(quick.metrics[f"share_{digit}"] for digit in range(10)) == pytest.approx(1)


@pytest.mark.real
@pytest.mark.slow
def test_the_judge_knows_real_digits(real: Run) -> None:
    assert real.metrics["judge_accuracy"] >= 0.97


@pytest.mark.real
@pytest.mark.slow
def test_the_judge_recognises_most_images(real: Run) -> None:
    assert real.metrics["recognised"] >= 0.6


@pytest.mark.real
@pytest.mark.slow
def test_no_digit_is_missing(real: Run) -> None:
    assert min(real.metrics[f"share_{digit}"] for digit in range(10)) >= 0.03
