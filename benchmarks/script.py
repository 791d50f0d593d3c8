"""A plain script, as a reader writes it: loads, builds, trains by Keras's `fit`, and saves.

`python -m benchmarks.script mnist-cnn model.keras` runs it for one example. An example that needs
another network for its figures, as the GAN needs a judge, has that trained as well.
"""

from __future__ import annotations

import argparse
import importlib


def main() -> None:
    """Trains as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("example")
    parser.add_argument("model", help="the file to save it in")
    options = parser.parse_args()
    module = importlib.import_module("keras_examples." + options.example.replace("-", "_"))
    data = module.load_data()
    example = module.EXAMPLE
    others = example.companions.values()
    builders = [
        (example.build_model, example.epochs, example.batch_size),
        *((other.build_model, other.epochs, other.batch_size) for other in others),
    ]
    models = []
    for build, epochs, batch_size in builders:
        model = build()
        model.fit(
            data.x_train,
            data.y_train,
            batch_size=batch_size,
            epochs=epochs,
            validation_data=data.test,
            verbose=2,
        )
        models.append(model)
    models[0].save(options.model)


if __name__ == "__main__":
    main()
