"""Whatever a picture does to the child that decodes it, the parent goes on."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator

import numpy as np
import PIL.Image
import psutil
import pytest

from jianwei.config import Settings
from jianwei.errors import EngineError, InputError
from jianwei.media import sandbox
from jianwei.media.image import load_image
from jianwei.media.sandbox import DecodePool

pytestmark = pytest.mark.skipif(not sandbox.SANDBOX_AVAILABLE, reason="no Unix sockets here")
SETTINGS = Settings(max_upload=4, max_pixels=2)

# Runs in the child: a picture's name says what goes wrong, or what is to be told.
FAULTS = """
import os, resource, signal, time
real = w._decode_next
def faulty(parent, limits, *rest):
    def open_picture(data, name, limits):
        if name == "crash": os.kill(os.getpid(), signal.SIGSEGV)
        if name == "hang": time.sleep(600)
        if name == "greedy": bytearray(3 * 2**30)
        if name == "pid": tell(os.getpid())
        if name == "environment": tell(json.dumps(dict(os.environ)))
        if name == "modules": tell(json.dumps([m for m in sys.modules if m.startswith(OURS)]))
        if name == "write": os.write(os.memfd_create("x"), b"x")
        if name == "limits": tell(json.dumps({n: resource.getrlimit(getattr(resource, n)) for n in LIMITS}))
        if name == "liar": w.channel.send(parent, {"width": 10**9, "height": 10**9})
        if name == "babbler": parent.sendall(b"\\0\\0\\0\\5hello")
        if name == "endless": parent.sendall(b"\\xff" * 10**6)
        if name == "foreign code": raise w.InputError("picture_too_small", name=name, got="", limit=[])
        if name == "cutter":
            w.channel.send(parent, {"width": 8, "height": 8})
            os.ftruncate(w.channel.receive_descriptor(parent), 0)
            w.channel.send(parent, {"width": 8, "height": 8})
        return real_open(data, name, limits)
    w.open_picture = open_picture
    real(parent, limits, *rest)
def tell(value): raise w.InputError("bad_value", name="", got=value, reason="")
OURS = ("jianwei.", "pydantic")
LIMITS = ("RLIMIT_CORE", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_AS", "RLIMIT_CPU")
real_open, w._decode_next = w.open_picture, faulty
"""


def picture(width: int = 24, height: int = 16, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    values = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    PIL.Image.fromarray(values).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def pool() -> Iterator[DecodePool]:
    with DecodePool(SETTINGS, workers=1) as pool:
        yield pool


@pytest.fixture
def faulty_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[DecodePool]:
    boot = sandbox._BOOT.replace("w.main()", f"exec({FAULTS!r}); w.main()")
    monkeypatch.setattr(sandbox, "_BOOT", boot)
    monkeypatch.setenv("JIANWEI_API_KEY", "secret")
    with DecodePool(SETTINGS, workers=1, timeout=20, pictures_per_worker=3) as pool:
        yield pool


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children()}


def told(pool: DecodePool, what: str) -> str:
    with pytest.raises(InputError) as caught:
        pool.decode_sync(picture(), what)
    assert caught.value.code == "bad_value"
    return str(caught.value.params["got"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "AVIF"])
def test_the_sandbox_gives_the_same_pixels(pool: DecodePool, kind: str) -> None:
    data = picture(kind=kind)
    image = pool.decode_sync(data, "folder/photo.x")
    assert image.digest == load_image(data, SETTINGS).digest
    assert image.name == "photo.x"


def test_a_turned_picture_comes_back_upright(pool: DecodePool) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (40, 20)).save(buffer, "JPEG", exif=exif)
    image = pool.decode_sync(buffer.getvalue(), "x")
    assert (image.width, image.height) == (20, 40)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"not a picture", "not_a_picture"),
        (picture(64, 64)[:-2000], "picture_damaged"),
        (picture(2, 2), "picture_too_small"),
        (picture(900, 4), "picture_too_narrow"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5 * 2**20), "picture_too_large"),
    ],
)
def test_bad_input_gives_the_same_errors_and_the_next_picture_is_fine(
    pool: DecodePool, data: bytes, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        pool.decode_sync(data, "照片.jpg")
    assert caught.value.code == code
    assert "照片.jpg" in caught.value.text("zh")
    assert pool.decode_sync(picture(), "x").width == 24


@pytest.mark.parametrize(
    "fault", ["crash", "greedy", "liar", "babbler", "endless", "cutter", "foreign code", "write"]
)
def test_a_child_that_fails_costs_one_picture_only(faulty_pool: DecodePool, fault: str) -> None:
    with pytest.raises(InputError) as caught:
        faulty_pool.decode_sync(picture(), fault)
    assert caught.value.code == "picture_damaged"
    assert faulty_pool.decode_sync(picture(), "good").width == 24


def test_a_child_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    boot = sandbox._BOOT.replace("w.main()", f"exec({FAULTS!r}); w.main()")
    monkeypatch.setattr(sandbox, "_BOOT", boot)
    others = children()
    with DecodePool(SETTINGS, workers=1, timeout=0.5) as pool:
        with pytest.raises(InputError) as caught:
            pool.decode_sync(picture(), "hang")
        assert caught.value.code == "picture_damaged"
    assert children() == others


def test_a_child_killed_while_idle_is_replaced_unnoticed(faulty_pool: DecodePool) -> None:
    psutil.Process(int(told(faulty_pool, "pid"))).kill()
    assert faulty_pool.decode_sync(picture(), "good").width == 24


def test_children_are_recycled(faulty_pool: DecodePool) -> None:
    pids = [told(faulty_pool, "pid") for _ in range(7)]
    assert len(set(pids)) == 3
    assert pids[0] == pids[2] != pids[3] == pids[5] != pids[6]


def test_children_run_under_limits_without_the_servers_secrets(faulty_pool: DecodePool) -> None:
    limits = json.loads(told(faulty_pool, "limits"))
    assert limits["RLIMIT_CORE"] == [0, 0]
    assert limits["RLIMIT_FSIZE"] == [0, 0]
    assert limits["RLIMIT_NOFILE"][1] <= 64
    assert 0 < limits["RLIMIT_CPU"][0] <= 30
    if sys.platform == "linux":
        assert 0 < limits["RLIMIT_AS"][0] <= limits["RLIMIT_AS"][1] < 4 * 2**30
    assert "secret" not in told(faulty_pool, "environment")
    modules = json.loads(told(faulty_pool, "modules"))
    assert not any(module.startswith("pydantic") for module in modules)
    assert all(
        module.split(".")[1] in ("errors", "types", "backing", "media")
        for module in modules
        if "jianwei" in module
    )


def test_several_pictures_are_decoded_side_by_side() -> None:
    async def all_of_them(pool: DecodePool) -> list[int]:
        images = await asyncio.gather(*(pool.decode(picture(16 + n, 16), f"{n}") for n in range(12)))
        return [image.width for image in images]

    with DecodePool(SETTINGS, workers=2) as pool:
        assert asyncio.run(all_of_them(pool)) == list(range(16, 28))


def test_closing_ends_a_picture_in_progress_and_refuses_others(faulty_pool: DecodePool) -> None:
    assert faulty_pool.decode_sync(picture(), "good").width == 24
    errors: list[EngineError] = []

    def ask() -> None:
        with pytest.raises(EngineError) as caught:
            faulty_pool.decode_sync(picture(), "hang")
        errors.append(caught.value)

    thread = threading.Thread(target=ask)
    thread.start()
    while not faulty_pool._idle.empty():
        pass
    faulty_pool.close()
    thread.join(10)
    assert [error.code for error in errors] == ["cancelled"]
    with pytest.raises(EngineError):
        faulty_pool.decode_sync(picture(), "good")
    faulty_pool.close()


def test_no_child_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.sys, "executable", "/nowhere/python")
    with DecodePool(SETTINGS, workers=1) as pool, pytest.raises(EngineError) as caught:
        pool.decode_sync(picture(), "x")
    assert caught.value.code == "engine_failed"


def test_nothing_is_left_behind() -> None:
    before, others = len(os.listdir("/dev/fd")), children()
    with DecodePool(SETTINGS, workers=2, pictures_per_worker=2) as pool:
        for n in range(9):
            pool.decode_sync(picture(), str(n))
        with pytest.raises(InputError):
            pool.decode_sync(picture()[:60], "damaged")
    assert len(os.listdir("/dev/fd")) == before
    assert children() == others


@pytest.mark.parametrize("close", ["pool.close()", ""])
def test_the_program_ends_quietly_with_the_pool_closed_or_not(close: str) -> None:
    program = f"""
        import io, PIL.Image
        from jianwei.config import Settings
        from jianwei.media.sandbox import DecodePool
        buffer = io.BytesIO()
        PIL.Image.new("RGB", (32, 32)).save(buffer, "PNG")
        pool = DecodePool(Settings())
        print(pool.decode_sync(buffer.getvalue(), "x").width)
        {close}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "32\n", "")
