"""Plain helpers that know nothing of runs."""
