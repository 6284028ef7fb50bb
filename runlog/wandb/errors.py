"""The errors that scripts name in ``except``; what is raised here is of these classes."""

from __future__ import annotations

from runlog.errors import InvalidValueError, RunlogError, StorageError, UnsupportedError

Error = RunlogError
CommError = StorageError
UsageError = InvalidValueError
AuthenticationError = StorageError

__all__ = ["AuthenticationError", "CommError", "Error", "UnsupportedError", "UsageError"]
