"""Memory of the C library: large blocks go back to the system whatever was freed before."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

IN_A_FRESH_HEAP = """
import ctypes
from jianwei.machine import keep_large_blocks_apart

class Info(ctypes.Structure):  # glibc's struct mallinfo2
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]

if KEPT:
    keep_large_blocks_apart()
if not GLIBC:
    raise SystemExit  # no other C library is asked for anything
libc = ctypes.CDLL("libc.so.6")
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
libc.mallinfo2.restype = Info
libc.free(libc.malloc(24 << 20))  # glibc by itself takes blocks up to this size from its heap from now on
before = libc.mallinfo2().hblks
block = libc.malloc(2 << 20)
apart = libc.mallinfo2().hblks - before
libc.free(block)
print(apart, libc.mallinfo2().hblks - before)
"""


@pytest.mark.parametrize(("kept", "found"), [(True, "1 0"), (False, "0 0")])
def test_large_blocks_stay_apart_after_larger_ones_were_freed(kept: bool, found: str) -> None:
    # In a process of its own: a heap that has been worked with may have a hole of this size.
    glibc = platform.libc_ver()[0] == "glibc"
    script = f"KEPT, GLIBC = {kept}, {glibc}\n{IN_A_FRESH_HEAP}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == (found.split() if glibc else [])
