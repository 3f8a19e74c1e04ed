"""The class of the processor: within one the same seed gives the same bits, between two the last ones may differ.

NumPy computes exp, log and powers with the widest instructions a processor has, and these round the last bit another
way than narrower ones do, as another C library may. docs/decisions/0014-bits-on-like-processors.md.
"""

from __future__ import annotations

import platform

import numpy as np

#: NumPy's names of what its functions are compiled for, by release -> what it is called here; the widest first
_WIDTHS = {"AVX-512": ("X86_V4", "AVX512_SKX"), "AVX2": ("X86_V3", "AVX2")}


def processor_class() -> str:
    """What decides the last bits, beside the versions of packages: "Linux x86_64 AVX-512 glibc 2.36"."""
    simd = np.show_config(mode="dicts").get("SIMD Extensions", {})
    used = {*simd.get("baseline", ()), *simd.get("found", ())}
    width = next((name for name, targets in _WIDTHS.items() if used.intersection(targets)), "")
    return " ".join(filter(None, [platform.system(), platform.machine(), width, *platform.libc_ver()]))
