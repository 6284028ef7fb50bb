"""From a script into a run folder."""
