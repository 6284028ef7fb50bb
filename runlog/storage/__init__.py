"""The run folder on disk: its paths, its database, its media, its lock."""
