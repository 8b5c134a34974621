"""Checks of the machine: processor, memory, disk, shared memory, port."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jianwei.doctor.check import Finding, size_text
from jianwei.errors import Phrase
from jianwei.hub import status
from jianwei.machine import read_cpu, read_memory

if TYPE_CHECKING:
    from jianwei.config import Settings

SHM = Path("/dev/shm")
SHM_NEEDED = 512 * 2**20
"""Bytes of shared memory below which a large picture may not reach the engine: 100 megapixels are 300 MB."""
DISK_NEEDED = 256 * 2**20
"""Bytes of disk below which conversations cannot be kept."""

_SHOWN = {
    "amx_bf16": "AMX-BF16",
    "amx_int8": "AMX-INT8",
    "avx512_bf16": "AVX512-BF16",
    "avx512_vnni": "AVX512-VNNI",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX-VNNI",
    "avx2": "AVX2",
    "i8mm": "I8MM",
    "bf16": "BF16",
    "sve": "SVE",
    "asimddp": "DOTPROD",
}


def cpu(settings: Settings) -> Finding:
    """Which instructions the processor has, and how much of it this process may use."""
    found = read_cpu()
    threads = found.usable_threads if found.quota is None else min(found.usable_threads, found.quota)
    data = {
        "model": found.model,
        "architecture": found.architecture,
        "physical_cores": found.physical_cores,
        "usable_threads": found.usable_threads,
        "quota": found.quota,
        "features": None if found.features is None else sorted(found.features),
    }
    name = found.model or found.architecture
    if found.features is None:
        sentence = Phrase(
            f"{name}, {threads:g} threads; the system does not tell its instruction sets.",
            f"{name}，{threads:g} 个线程；系统未提供指令集信息。",
        )
        return Finding("ok", sentence, data=data)
    features = ", ".join(label for feature, label in _SHOWN.items() if feature in found.features) or "-"
    known = f"{name}, {threads:g} threads; {features}."
    known_zh = f"{name}，{threads:g} 个线程；{features}。"
    intel = found.architecture in ("x86_64", "i686", "i386")
    if intel and "avx2" not in found.features:
        return Finding(
            "warn",
            Phrase(f"{known} Without AVX2 answers are slow.", f"{known_zh}没有 AVX2，回答会很慢。"),
            Phrase(
                "Use a processor with AVX2 (most since 2013).",
                "请使用支持 AVX2 的处理器（2013 年以后大多支持）。",
            ),
            data,
        )
    fast = {"avx512_bf16", "amx_bf16"} if intel else {"bf16"}
    if not fast & found.features:
        note = "No 16-bit arithmetic: pictures take about twice as long."
        note_zh = "没有 16 位浮点运算，处理图片约需两倍时间。"
        return Finding("ok", Phrase(f"{known} {note}", f"{known_zh}{note_zh}"), data=data)
    return Finding("ok", Phrase(known, known_zh), data=data)


def memory(settings: Settings) -> Finding:
    """How much memory is free, and which model of the catalogue fits in it."""
    found = read_memory()
    needs = {model.entry.name: model.memory_needed for model in status(settings)}
    known = {name: need for name, need in needs.items() if need is not None}
    fits = [name for name, need in known.items() if need <= found.available]
    chosen = known.get(settings.model)
    data = {
        "total": found.total,
        "available": found.available,
        "needed": needs,
        "fits": fits,
    }
    free = Phrase(
        f"{size_text(found.available)} of {size_text(found.total)} free;",
        f"共 {size_text(found.total)}，可用 {size_text(found.available)}；",
    )
    if chosen is not None and settings.model not in fits:
        return Finding(
            "warn",
            Phrase(
                f"{free.en} {settings.model} needs about {size_text(chosen)}.",
                f"{free.zh}{settings.model} 约需 {size_text(chosen)}。",
            ),
            Phrase(
                "Close other programs, choose a smaller model, or set a smaller --kv-budget.",
                "请关闭其他程序、换用较小的模型，或减小 --kv-budget。",
            ),
            data,
        )
    if not fits:
        smallest = min(known.values(), default=0)
        return Finding(
            "fail",
            Phrase(
                f"{free.en} the smallest model needs about {size_text(smallest)}.",
                f"{free.zh}最小的模型约需 {size_text(smallest)}。",
            ),
            Phrase(
                "Close other programs, or set a smaller --kv-budget.", "请关闭其他程序，或减小 --kv-budget。"
            ),
            data,
        )
    sentence = Phrase(f"{free.en} fits: {', '.join(fits)}.", f"{free.zh}可运行：{'、'.join(fits)}。")
    return Finding("ok", sentence, data=data)


def disk(settings: Settings) -> Finding:
    """How much disk is free where models and conversations lie."""
    free = shutil.disk_usage(_existing(settings.home)).free
    missing = {m.entry.name: m.entry.download_size - m.bytes_here for m in status(settings) if not m.here}
    fits = [name for name, size in missing.items() if 0 < size <= free]
    data = {"free": free, "fits": fits}
    elsewhere = Phrase(
        "Free some space, or set JIANWEI_HOME to another disk.",
        "请清理磁盘，或用 JIANWEI_HOME 指定其他磁盘。",
    )
    if free < DISK_NEEDED:
        sentence = Phrase(
            f"{size_text(free)} free: too little to keep conversations.",
            f"可用 {size_text(free)}：不足以保存对话。",
        )
        return Finding("fail", sentence, elsewhere, data)
    if missing and not fits:
        sentence = Phrase(
            f"{size_text(free)} free: too little to fetch another model.",
            f"可用 {size_text(free)}：不足以下载其他模型。",
        )
        return Finding("warn", sentence, elsewhere, data)
    return Finding("ok", Phrase(f"{size_text(free)} free.", f"可用 {size_text(free)}。"), data=data)


def home(settings: Settings) -> Finding:
    """Whether models and conversations can be written where they should lie."""
    folder = _existing(settings.home)
    data = {"home": str(settings.home), "exists": settings.home.is_dir()}
    try:
        if not folder.is_dir():
            raise NotADirectoryError(folder)
        if settings.home.is_dir():
            with tempfile.TemporaryFile(dir=settings.home) as file:
                file.write(b"x")
        elif not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(folder)
    except OSError:
        return Finding(
            "fail",
            Phrase(f"{settings.home} cannot be written.", f"无法写入 {settings.home}。"),
            Phrase(
                "Correct its permissions, or set JIANWEI_HOME to another folder.",
                "请修改其权限，或用 JIANWEI_HOME 指定其他文件夹。",
            ),
            data,
        )
    return Finding("ok", Phrase(f"{settings.home} can be written.", f"{settings.home} 可写。"), data=data)


def shared_memory(settings: Settings) -> Finding:
    """Whether pictures can cross from the server to the engine."""
    if not SHM.is_dir():
        return Finding("ok", Phrase("The system has its own way.", "由系统自行管理。"))
    free = shutil.disk_usage(SHM).free
    sentence = Phrase(f"{size_text(free)} free.", f"可用 {size_text(free)}。")
    if free >= SHM_NEEDED:
        return Finding("ok", sentence, data={"free": free})
    return Finding(
        "warn",
        Phrase(f"{sentence.en} Large pictures may fail.", f"{sentence.zh}大图片可能会失败。"),
        Phrase("In a container: --shm-size=1g.", "在容器中运行时请加 --shm-size=1g。"),
        {"free": free},
    )


def port(settings: Settings) -> Finding:
    """Whether the server could listen where it should."""
    where = f"{settings.host}:{settings.port}"
    data = {"host": settings.host, "port": settings.port}
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as listener:
            if sys.platform != "win32":  # as servers do; on Windows it would hide that the port is taken
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = Phrase(
                f"{where} is in use (by Jianwei itself?).", f"{where} 已被占用（可能正是见微）。"
            )
            if sys.platform == "darwin" and settings.port == 5000:
                sentence = Phrase(
                    f"{where} is in use; on a Mac usually by the AirPlay receiver.",
                    f"{where} 已被占用；在 Mac 上通常是“隔空播放接收器”。",
                )
            fix = Phrase("Choose another one: --port 5001.", "请换一个端口：--port 5001。")
            return Finding("warn", sentence, fix, data)
        return Finding(
            "fail",
            Phrase(f"Nothing can listen on {where}.", f"无法在 {where} 监听。"),
            Phrase("Correct --host and --port.", "请修改 --host 与 --port。"),
            data,
        )
    return Finding("ok", Phrase(f"{where} is free.", f"{where} 可用。"), data=data)


def _existing(path: Path) -> Path:
    """``path``, or the nearest folder above it that is there."""
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))
