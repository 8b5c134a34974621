"""The sandbox's child: decodes one picture after the other under resource limits. See ``sandbox`` for why.

What goes over the socket (``channel``):

    parent                                     child
    {}                                ->
                                      <-       {"ready": true}
    {"name": ..., "size": n} n bytes  ->
                                      <-       {"width": w, "height": h}   from the header; or an error
    descriptor of w*h*3 bytes         ->
                                      <-       {"width": w, "height": h}   upright, pixels done; or an error

    {"name": ..., "size": n, "pages": spec, "most": m} n bytes  ->         a PDF or a video
                                      <-       {"number": ..., "count": ..., "seconds": ..., "width": w,
                                                "height": h, "size": s} s bytes, for each page
                                      <-       {"done": true}; or an error

An error is ``{"error": code, "params": {...}}`` of ``InputError``. The child imports nothing of Jianwei but
``errors``, ``types`` and ``media``.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import socket
import sys
from typing import Any

import numpy as np
from pillow_heif import options as heif_options

from jianwei.errors import InputError
from jianwei.media import channel
from jianwei.media.image import open_picture
from jianwei.media.limits import PictureLimits
from jianwei.media.pages import chosen, open_pages, render

BYTES_PER_PIXEL = 32
"""Address space allowed for a pixel: two decoders' frames, a conversion with alpha, and the result."""
SPARE_BYTES = 192 * 2**20
"""Address space allowed for anything else: decoder tables, threads' stacks, Python itself."""
PAGES_BYTES = 1536 * 2**20
"""Address space allowed for a PDF or a video: the libraries (a third of it), frames that a decoder keeps, pages."""
MAX_DESCRIPTORS = 32


def main() -> None:
    """Serve until the parent is gone. ``argv``: descriptor, limits as JSON, CPU seconds a picture."""
    parent = socket.socket(fileno=int(sys.argv[1]))
    limits = PictureLimits(**json.loads(sys.argv[2]))
    cpu_seconds = int(sys.argv[3])
    heif_options.DECODE_THREADS = 1
    baseline = _address_space()
    _confine(baseline, limits)
    try:
        while True:
            _decode_next(parent, limits, baseline, cpu_seconds)
    except (EOFError, ConnectionError):
        return  # the parent has closed, or is no more


def _decode_next(parent: socket.socket, limits: PictureLimits, baseline: int, cpu_seconds: int) -> None:
    """Wait for a picture, decode it, answer."""
    request = channel.receive(parent)
    if not request:
        channel.send(parent, {"ready": True})
        return
    if "pages" in request:
        _send_pages(parent, request, limits, baseline, cpu_seconds)
        return
    # Some decoders (WebP) take their canvas when they open a file, when we do not yet know its size.
    _allow(baseline, limits.max_pixels, request["size"], cpu_seconds)
    data = bytes(channel.receive_bytes(parent, request["size"]))
    try:
        opened = open_picture(data, request["name"], limits)
        channel.send(parent, {"width": opened.width, "height": opened.height})
        n_pixels = opened.width * opened.height
        _allow(baseline, n_pixels, len(data), cpu_seconds)
        descriptor = channel.receive_descriptor(parent)
        with mmap.mmap(descriptor, n_pixels * 3) as shared:
            os.close(descriptor)
            image = opened.decode()
            np.frombuffer(shared, np.uint8)[:] = image.pixels.reshape(-1)
        channel.send(parent, {"width": image.width, "height": image.height})
    except InputError as error:
        channel.send(parent, {"error": error.code, "params": error.params})


def _send_pages(
    parent: socket.socket, request: dict[str, Any], limits: PictureLimits, baseline: int, cpu_seconds: int
) -> None:
    """Open a PDF or a video and send the pages that are asked for."""
    name = request["name"]
    if baseline:
        _limit("RLIMIT_AS", baseline + PAGES_BYTES + 4 * request["size"], None)
    _allow_cpu(cpu_seconds)
    data = bytes(channel.receive_bytes(parent, request["size"]))
    try:
        opened = open_pages(data, name, limits)
        numbers = chosen(request["pages"], opened.count, request["most"], name)
        for page in render(opened, numbers, limits, name):
            told = {key: value for key, value in vars(page).items() if key != "data"}
            channel.send(parent, {**told, "size": len(page.data)}, page.data)
            _allow_cpu(cpu_seconds)
        channel.send(parent, {"done": True})
    except InputError as error:
        channel.send(parent, {"error": error.code, "params": error.params})


def _confine(baseline: int, limits: PictureLimits) -> None:
    """Limits for life: no core, no files, few descriptors, memory for the largest picture."""
    _limit("RLIMIT_CORE", 0, 0)
    _limit("RLIMIT_FSIZE", 0, 0)
    _limit("RLIMIT_NOFILE", MAX_DESCRIPTORS, MAX_DESCRIPTORS)
    if baseline:
        most = baseline + max(
            _memory_for(limits.max_pixels, limits.max_bytes), PAGES_BYTES + 4 * limits.max_bytes
        )
        _limit("RLIMIT_AS", most, most)


def _allow(baseline: int, n_pixels: int, n_bytes: int, cpu_seconds: int) -> None:
    """Limits for the next picture: memory by its size, so that a small file cannot take much; CPU seconds."""
    if baseline:
        _limit("RLIMIT_AS", baseline + _memory_for(n_pixels, n_bytes), None)
    _allow_cpu(cpu_seconds)


def _allow_cpu(cpu_seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _limit("RLIMIT_CPU", int(usage.ru_utime + usage.ru_stime) + 1 + cpu_seconds, None)


def _memory_for(n_pixels: int, n_bytes: int) -> int:
    return n_pixels * BYTES_PER_PIXEL + 4 * n_bytes + SPARE_BYTES


def _limit(name: str, soft: int, hard: int | None) -> None:
    """Set one limit, never above the hard one in force; systems without it (macOS: RLIMIT_AS) go without."""
    kind = getattr(resource, name, None)
    if kind is None:
        return
    ceiling = resource.getrlimit(kind)[1]
    hard = ceiling if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        hard = ceiling if hard == resource.RLIM_INFINITY else min(hard, ceiling)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    try:
        resource.setrlimit(kind, (soft, hard))
    except (ValueError, OSError):
        return


def _address_space() -> int:
    """Address space in use, in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
