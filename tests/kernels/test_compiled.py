import os
import subprocess
import sys


def test_kernels_can_be_used_where_no_cache_can_be_written():
    """As for a user without a home, of an installation that belongs to another."""
    nowhere = {"NUMBA_CACHE_DIR": "/dev/null/cache", "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    asked = "from headwater.kernels.pdq_bits import *; from headwater.kernels import pdq; print('imported')"
    ended = subprocess.run(
        [sys.executable, "-c", asked], env=os.environ | nowhere, capture_output=True, check=False, text=True
    )
    assert ended.stdout == "imported\n", ended.stderr
