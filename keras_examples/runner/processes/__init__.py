"""Processes side by side, each of which trains one example after another."""
