"""Trains the re-ranker: `python -m index.training.rerank`."""
