"""The same networks and steps in PyTorch, batches picked from tensors in memory, fused Adam."""

from __future__ import annotations

import argparse
from typing import Any

import torch
from torch import nn

from benchmarks.contestants import Stopwatch, load


class Recurrent(nn.Module):
    """The last state of a recurrent layer, and a dense layer on it."""

    def __init__(self) -> None:
        super().__init__()
        self.cell, self.dense = nn.RNN(1, 10, batch_first=True), nn.Linear(10, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Windows, shape `(batch, 10, 1)`, to the next value, shape `(batch, 1)`."""
        return self.dense(self.cell(x)[1][0])


def build(example: str) -> nn.Module:
    """Returns the network of an example."""
    if example == "fashion-mnist-ffn":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    if example == "mnist-cnn":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 64), nn.ReLU(), nn.Linear(64, 10),
        )  # fmt: skip
    return Recurrent()


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Trains, and returns seconds and metrics."""
    _, data, epochs, batch_size = load(options)
    torch.manual_seed(options.seed)
    classes = options.example != "sine-rnn"
    x, y = _tensors(data.x_train, data.y_train, classes, options.example)
    x_test, y_test = _tensors(data.x_test, data.y_test, classes, options.example)
    watch = Stopwatch()
    model = build(options.example)
    optimizer = torch.optim.Adam(model.parameters(), eps=1e-7, fused=True)
    cost = nn.CrossEntropyLoss() if classes else nn.MSELoss()
    history: dict[str, list[float]] = {"loss": []}
    for _ in range(epochs):
        order, total = torch.randperm(len(x)), torch.zeros(())
        for picked in order.split(batch_size):
            loss = cost(model(x[picked].float()), y[picked])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(picked)
        if len(x_test):
            with torch.no_grad():
                right = [
                    (model(x_test[i : i + 500].float()).argmax(1) == y_test[i : i + 500]).sum()
                    for i in range(0, len(x_test), 500)
                ]
            history.setdefault("val_accuracy", []).append(float(sum(right)) / len(x_test))
        history["loss"].append(float(total) / len(x))
        watch.epoch()
    return watch.report(history)


def _tensors(x: Any, y: Any, classes: bool, example: str) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, targets = torch.tensor(x), torch.tensor(y)
    if example == "mnist-cnn":
        inputs = inputs.permute(0, 3, 1, 2)
    return inputs, targets.long() if classes else targets
