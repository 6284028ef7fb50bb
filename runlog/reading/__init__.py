"""From a run folder to frozen values."""
