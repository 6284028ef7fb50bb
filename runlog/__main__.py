"""``python -m runlog``: the command line."""

import sys

from runlog.cli import main

sys.exit(main(prog="python -m runlog"))
