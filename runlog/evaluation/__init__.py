"""Predictions judged by the truth: pure functions on arrays, which know nothing of runs."""
