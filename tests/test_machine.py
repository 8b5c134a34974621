"""Memory of the C library: large blocks go back to the system whatever was freed before."""

from __future__ import annotations

import ctypes
import platform

import pytest

from jianwei.machine import keep_large_blocks_apart


class _Info(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    ]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone keeps large blocks in its heap")
def test_large_blocks_stay_apart_after_larger_ones_were_freed() -> None:
    libc = ctypes.CDLL("libc.so.6")
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    libc.mallinfo2.restype = _Info
    keep_large_blocks_apart()
    libc.free(
        libc.malloc(24 << 20)
    )  # glibc by itself would take blocks up to this size from its heap from now on
    before = libc.mallinfo2().hblks
    block = libc.malloc(2 << 20)
    assert libc.mallinfo2().hblks == before + 1
    libc.free(block)
    assert libc.mallinfo2().hblks == before
