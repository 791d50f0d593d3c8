"""Imported first by a process of the tests that trains, as the command prepares its own."""

from keras_examples.core.threads import prepare

prepare()
