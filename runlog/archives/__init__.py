"""From a run folder to one file that proves itself."""
