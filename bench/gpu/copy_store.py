#!/usr/bin/env python3
"""copy_store.py LIVE COPY: a consistent copy of a store that may be written to meanwhile; LIVE is opened read-only."""
import pathlib
import sqlite3
import sys

if len(sys.argv) != 3:
    sys.exit(__doc__)
pathlib.Path(sys.argv[2]).unlink(missing_ok=True)
live = sqlite3.connect(pathlib.Path(sys.argv[1]).resolve().as_uri() + "?mode=ro", uri=True, timeout=30)
copy = sqlite3.connect(sys.argv[2])
live.backup(copy)
copy.close()
live.close()
