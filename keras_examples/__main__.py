"""`python -m keras_examples` is the command `keras-examples`."""

from keras_examples.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
