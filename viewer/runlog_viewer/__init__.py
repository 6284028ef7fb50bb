"""The viewer of runlog: run folders → a folder of static files that any browser opens.

``build`` writes the site once, ``watch`` keeps it up to date, `Server` shows it over the loopback interface.
A page opened from ``file://`` and one served are the same file, and both follow a live run.

docs/site-format.md says what others may rely on: files, data scripts, addresses and elements.
"""

from runlog_viewer.serve import Server
from runlog_viewer.site import BuildResult, build
from runlog_viewer.watching import watch

__all__ = ["BuildResult", "Server", "build", "watch"]
