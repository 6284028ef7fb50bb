"""The files below a folder that somebody else may have made: how they are opened, written and locked."""
