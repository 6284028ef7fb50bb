"""``python -m viewer``: the command line, which is runlog's."""

import sys

from runlog.cli import main

sys.exit(main(prog="python -m viewer"))
