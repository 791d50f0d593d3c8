"""Every network of five Chinese deep-learning articles, as Keras models and one runner."""
