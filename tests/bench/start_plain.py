"""What a script without a logger does before its first step is logged; ``start_plain.py FOLDER``."""

import sqlite3
import sys
import time

import numpy as np
from PIL import Image

folder = sys.argv[1]
Image.fromarray(np.zeros((256, 256, 3), np.uint8)).save(f"{folder}/picture.png")
database = sqlite3.connect(f"{folder}/log.db")
database.execute("CREATE TABLE log (step INTEGER, path TEXT)")
database.execute("INSERT INTO log VALUES (0, 'picture.png')")
database.commit()
sys.stdout.write(str(time.monotonic()))
