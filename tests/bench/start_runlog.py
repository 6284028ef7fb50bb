"""The same with runlog; ``start_runlog.py FOLDER [without-isal]``."""

import sys
import time

if "without-isal" in sys.argv:
    sys.modules["isal"] = None  # type: ignore[assignment]

import numpy as np

import runlog

run = runlog.init(dir=sys.argv[1], quiet=True)
run.log({"picture": runlog.Image(np.zeros((256, 256, 3), np.uint8))})
sys.stdout.write(str(time.monotonic()))
