"""What this machine is: its processor and its memory, as far as this process may use them.

Everything is read from the system. What the system does not tell is None, never a guess. A container's limits
(control group version 2) go before those of the hardware.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

CPUINFO = Path("/proc/cpuinfo")
CGROUP = Path("/sys/fs/cgroup")

_X86 = (
    "sse4_2 avx f16c fma avx2 avx_vnni avx512f avx512_vnni avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16"
)
_ARM = "asimd asimdhp asimddp i8mm bf16 sve sve2 sme"
KNOWN_FEATURES = frozenset(f"{_X86} {_ARM}".split())
"""Instruction sets that decide how fast a model runs, as ``/proc/cpuinfo`` spells them."""

# macOS says hw.optional.arm.FEAT_<name>; the x86 names come from machdep.cpu.*features.
_MAC_ARM = {"DotProd": "asimddp", "I8MM": "i8mm", "BF16": "bf16", "FP16": "asimdhp", "SME": "sme"}
_MAC_X86 = {"sse4.2": "sse4_2", "avx1.0": "avx", "avx512_vnni": "avx512_vnni", "avx512vnni": "avx512_vnni"}


@dataclass(frozen=True)
class Cpu:
    """The processor.

    Attributes:
        model: its name; empty if the system does not tell.
        architecture: ``x86_64``, ``aarch64``, ``arm64``, ...
        physical_cores: of the machine; None if not known.
        usable_threads: logical processors that this process may run on.
        quota: processors' worth of time that a container grants; None without such a limit.
        features: those of ``KNOWN_FEATURES`` that it has; None if the system does not tell.
    """

    model: str
    architecture: str
    physical_cores: int | None
    usable_threads: int
    quota: float | None
    features: frozenset[str] | None


@dataclass(frozen=True)
class Memory:
    """Bytes of memory: ``total`` that there is for us, and ``available`` without pushing others out."""

    total: int
    available: int


def read_cpu() -> Cpu:
    """The processor of this machine."""
    if sys.platform == "linux":
        model, features = _linux_cpu()
    elif sys.platform == "darwin":
        model, features = _mac_cpu()
    else:
        model, features = "", None
    return Cpu(
        model=model or platform.processor(),
        architecture=platform.machine().lower().replace("amd64", "x86_64"),
        physical_cores=psutil.cpu_count(logical=False),
        usable_threads=_usable_threads(),
        quota=_cgroup_quota(),
        features=features,
    )


def read_memory() -> Memory:
    """The memory of this machine, or of the container this process is in."""
    memory = psutil.virtual_memory()
    limit, used = _read_number(CGROUP / "memory.max"), _read_number(CGROUP / "memory.current")
    if limit is None or limit >= memory.total:
        return Memory(int(memory.total), int(memory.available))
    # The group's page cache can be given back, so it does not count as used.
    cached = _read_stat(CGROUP / "memory.stat", "inactive_file")
    free = max(0, limit - max(0, (used or 0) - cached))
    return Memory(limit, min(int(memory.available), free))


def anonymous_memory(pid: int | None = None) -> int | None:
    """Bytes of resident memory of a process that no file on disk backs; None if the system does not tell.

    Args:
        pid: of the process; None: this one.
    """
    try:
        lines = (
            Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii", errors="replace").splitlines()
        )
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _linux_cpu() -> tuple[str, frozenset[str] | None]:
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", None
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, separator, value = line.partition(":")
        if separator:
            fields.setdefault(key.strip().lower(), value.strip())
    flags = fields.get("flags") or fields.get("features")
    return fields.get("model name", ""), KNOWN_FEATURES & set(flags.split()) if flags else None


def _mac_cpu() -> tuple[str, frozenset[str] | None]:
    values: dict[str, str] = {}
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            ["/usr/sbin/sysctl", "machdep.cpu", "hw.optional"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        for line in done.stdout.splitlines():
            key, _, value = line.partition(":")
            values[key.strip()] = value.strip()
    if not values:
        return "", None
    words = f"{values.get('machdep.cpu.features', '')} {values.get('machdep.cpu.leaf7_features', '')}".lower()
    found = {_MAC_X86.get(word, word) for word in words.split()}
    found |= {
        ours for theirs, ours in _MAC_ARM.items() if values.get(f"hw.optional.arm.FEAT_{theirs}") == "1"
    }
    return values.get("machdep.cpu.brand_string", ""), KNOWN_FEATURES & found


def _usable_threads() -> int:
    if hasattr(os, "sched_getaffinity"):
        with contextlib.suppress(OSError):
            return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cgroup_quota() -> float | None:
    """Processors' worth of time: ``cpu.max`` holds quota and period in microseconds, or ``max``."""
    try:
        quota, period = (CGROUP / "cpu.max").read_text(encoding="ascii").split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _read_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max": no limit
        return None


def _read_stat(path: Path, key: str) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[:1] == [key])
    except (OSError, ValueError, IndexError, StopIteration):
        return 0


_LARGE_BLOCK = 1 << 20
_M_MMAP_THRESHOLD = -3
"""As glibc's ``malloc.h`` names and numbers it."""


def keep_large_blocks_apart() -> None:
    """Have every block of 1 MB and more taken from the system by itself, which gets it back once it is freed.

    glibc begins so, but with every large block that is freed it raises the limit, up to 32 MB: later ones lie in its
    heap, where freed ones leave holes between smaller ones that stay. Affects the whole process.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def give_back_freed() -> None:
    """Give freed memory back to the system: glibc keeps it."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        except (OSError, AttributeError):  # another C library: nothing to trim
            return
