"""How much arithmetic the networks' training is, from the shapes of their layers."""

from __future__ import annotations

from math import prod

Product = tuple[int, ...]

# Each layer's matrix product by one sample, in the order of the layers: positions, where it is
# repeated for each, inputs, outputs. One more number says how many there are of the same shape.
LAYERS: dict[str, list[Product]] = {
    "fashion-mnist-ffn": [(784, 128), (128, 10)],
    "mnist-cnn": [(26 * 26, 9, 32), (11 * 11, 9 * 32, 64), (1600, 64), (64, 10)],
    "sine-rnn": [(10, 1, 10), (10, 10, 10), (10, 1)],
    "self-attention": [
        (28, 28, 64),  # a row's embedding
        (28, 64, 64, 3),  # queries, keys, values
        (28, 28, 64, 2),  # what rows have to do with each other, and the mean of their values
        (28, 64, 64),
        (28, 64, 128),
        (28, 128, 64),
        (64, 10),
    ],
}
GENERATOR: list[Product] = [(64, 64), (64, 256), (256, 784)]
DISCRIMINATOR: list[Product] = [(784, 512), (512, 128), (128, 1)]
SAMPLES = dict.fromkeys([*LAYERS, "mnist-gan"], 60000) | {"sine-rnn": 90}


def _training(layers: list[Product]) -> int:
    """Returns the operations of a sample in training.

    Twice the multiplications forward, as often again for the gradient of the weights (of a product
    without weights: of its left side), and once more for that of the inputs, but for the first
    layer, before which nothing learns.
    """
    return 6 * sum(map(prod, layers)) - 2 * prod(layers[0])


def _gan() -> int:
    """Returns the operations of a real image, and the generated one beside it, in training.

    The discriminator judges both and learns from both. The generator's own training leads through
    the discriminator once more: the gradient of its inputs, of the first layer too, but not of its
    weights.
    """
    through = 2 * sum(map(prod, DISCRIMINATOR))
    return _training(GENERATOR) + 2 * _training(DISCRIMINATOR) + through


FLOPS = {name: _training(layers) for name, layers in LAYERS.items()} | {"mnist-gan": _gan()}
