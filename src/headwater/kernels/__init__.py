"""Floor 1: the numeric hot loops, numba and numpy only. Serial, compiled once, cached on disk."""
