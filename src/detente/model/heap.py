"""Freed memory stays with the process: arrays of a week come and go, and fresh pages cost more than what is done there.

The C library hands memory back to the system whenever the top of its heap is free; the next week asks for it anew, page
by page, which took a fifth of a run. Under glibc the two thresholds can be set; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

#: glibc's numbers of the two settings (malloc.h)
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
#: bytes that may lie free at the top of the heap; bytes from which an array is asked of the system and given back
KEPT, LARGE = 256 * 2**20, 32 * 2**20


@cache
def keep_freed() -> bool:
    """Set the thresholds of this process, once. False where there is no glibc to tell."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        setting = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(setting(TRIM_THRESHOLD, KEPT)) and bool(setting(MMAP_THRESHOLD, LARGE))
