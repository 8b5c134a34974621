"""Checks of the installation: Python, OpenVINO, OCR, picture decoders, model files."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jianwei.doctor.check import Finding, size_text
from jianwei.errors import JianweiError, Phrase
from jianwei.hub import CATALOGUE, catalogue, resolve, status

if TYPE_CHECKING:
    from jianwei.config import Settings

OLDEST_PYTHON = (3, 10)
PROBE_SECONDS = 120
_CHUNK = 2**20

# In a child process: a library built for other processors ends the process that loads it.
_OPENVINO_PROBE = """
import json, openvino
core = openvino.Core()
print(json.dumps({
    "version": openvino.__version__,
    "devices": core.available_devices,
    "capabilities": core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"),
}))
"""
_INSTALL_AGAIN = Phrase(
    "Install Jianwei again: pip install --force-reinstall .", "请重新安装：pip install --force-reinstall ."
)


def python(settings: Settings) -> Finding:
    """Whether this Python is one Jianwei runs on."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    bits = 64 if sys.maxsize > 2**32 else 32
    data = {"version": version, "bits": bits}
    sentence = Phrase(f"{version}, {bits} bits.", f"{version}，{bits} 位。")
    if sys.version_info[:2] < OLDEST_PYTHON or bits < 64:
        fix = Phrase("Use a 64-bit Python 3.10 or newer.", "请使用 64 位的 Python 3.10 或更新版本。")
        return Finding("fail", sentence, fix, data)
    return Finding("ok", sentence, data=data)


def openvino(settings: Settings) -> Finding:
    """Whether OpenVINO loads, is of the version that we are made for, and sees the processor."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", _OPENVINO_PROBE],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding("fail", Phrase("It does not finish loading.", "加载超时。"), _INSTALL_AGAIN)
    if done.returncode < 0:
        name = _signal_name(-done.returncode)
        return Finding(
            "fail",
            Phrase(f"It crashes while loading ({name}).", f"加载时崩溃（{name}）。"),
            Phrase("This processor may be too old for it.", "此处理器可能过旧，不受支持。"),
            {"signal": name},
        )
    if done.returncode > 0:
        reason = (done.stderr.strip().splitlines() or [""])[-1][:200]
        sentence = Phrase(f"It cannot be loaded: {reason}", f"无法加载：{reason}")
        return Finding("fail", sentence, _INSTALL_AGAIN, {"error": reason})
    data: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    version = str(data["version"]).split("-")[0]
    data["pinned"] = pinned = _pinned_version("openvino")
    if pinned is not None and not f"{version}.".startswith(f"{pinned}."):
        return Finding(
            "fail",
            Phrase(
                f"Version {version}, but Jianwei is made for {pinned}.",
                f"版本为 {version}，而见微需要 {pinned}。",
            ),
            Phrase(f'pip install "openvino=={pinned}.*"', f'pip install "openvino=={pinned}.*"'),
            data,
        )
    capabilities = ", ".join(str(capability) for capability in data["capabilities"])
    return Finding("ok", Phrase(f"{version}; {capabilities}.", f"{version}；{capabilities}。"), data=data)


def ocr(settings: Settings) -> Finding:
    """Whether the models that read text are installed."""
    found = importlib.util.find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        return Finding("fail", Phrase("rapidocr is not installed.", "未安装 rapidocr。"), _INSTALL_AGAIN)
    folder = Path(found.submodule_search_locations[0]) / "models"
    models = {path.name: path.stat().st_size for path in sorted(folder.glob("*.onnx"))}
    kinds = {"_det_": "detection", "_rec_": "recognition", "_cls_": "direction"}
    missing = [word for kind, word in kinds.items() if not any(kind in n and s for n, s in models.items())]
    if missing:
        words = ", ".join(missing)
        sentence = Phrase(f"Models are missing: {words}.", f"缺少模型：{words}。")
        return Finding("fail", sentence, _INSTALL_AGAIN, {"models": models})
    size = size_text(sum(models.values()))
    sentence = Phrase(f"{len(models)} models, {size}.", f"{len(models)} 个模型，{size}。")
    return Finding("ok", sentence, data={"models": models})


def pictures(settings: Settings) -> Finding:
    """Whether a picture of each format passes through the sandbox."""
    import PIL.Image
    import pillow_heif

    from jianwei.media.sandbox import DecodePool

    broken: list[str] = []
    kinds = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIC")
    picture = PIL.Image.new("RGB", (64, 64), "white")
    with DecodePool(settings, workers=1) as pool:
        for kind in kinds:
            buffer = io.BytesIO()
            try:
                if kind == "HEIC":
                    pillow_heif.from_pillow(picture).save(buffer)
                else:
                    picture.save(buffer, kind)
                pool.decode_sync(buffer.getvalue(), kind)
            except (JianweiError, OSError, ValueError, KeyError, RuntimeError):
                broken.append(kind)
    working = [kind for kind in kinds if kind not in broken]
    data = {"working": working, "broken": broken}
    if not working:
        return Finding(
            "fail", Phrase("No picture can be decoded.", "无法解码任何图片。"), _INSTALL_AGAIN, data
        )
    if broken:
        words = ", ".join(broken)
        return Finding(
            "warn", Phrase(f"Not readable: {words}.", f"无法读取：{words}。"), _INSTALL_AGAIN, data
        )
    return Finding("ok", Phrase(", ".join(working) + ".", "、".join(working) + "。"), data=data)


def builtin_model(settings: Settings) -> Finding:
    """Whether the model shipped in the package is there and as it was shipped."""
    folder = catalogue.BUILTIN_DIR
    paths = CATALOGUE[catalogue.BUILTIN].paths(settings)
    missing = [path.name for path in (paths.language, paths.vision) if not path.is_file()]
    if missing:
        words = ", ".join(missing)
        sentence = Phrase(f"Files are missing: {words}.", f"缺少文件：{words}。")
        return Finding("fail", sentence, _INSTALL_AGAIN, {"missing": missing})
    try:
        sums = catalogue.read_sums(folder / catalogue.BUILTIN_SUMS)
    except (OSError, ValueError):
        sentence = Phrase("It is there; its checksums are not.", "文件存在，但缺少校验和。")
        return Finding("warn", sentence, _INSTALL_AGAIN)
    names = sorted({paths.language.name, paths.vision.name, *sums})
    damaged = [name for name in names if _sha256(folder / name) != sums.get(name)]
    if damaged:
        words = ", ".join(damaged)
        sentence = Phrase(f"Files are damaged: {words}.", f"文件已损坏：{words}。")
        return Finding("fail", sentence, _INSTALL_AGAIN, {"damaged": damaged})
    return Finding("ok", Phrase("It is there and intact.", "存在且完整。"), data={"sha256": sums})


def fetched_models(settings: Settings, thorough: bool) -> Finding:
    """Which models of the catalogue have been fetched, and whether a pull was broken off."""
    here: list[str] = []
    unfinished: list[str] = []
    damaged: list[str] = []
    for model in status(settings):
        entry, paths = model.entry, model.entry.paths(settings)
        if entry.builtin:
            continue
        if model.here:
            here.append(entry.name)
            pairs = zip(entry.files, (paths.language, paths.vision), strict=True)
            if thorough and any(_sha256(path) != file.sha256 for file, path in pairs):
                damaged.append(entry.name)
        elif model.bytes_here:
            unfinished.append(entry.name)
    data = {"here": here, "unfinished": unfinished, "damaged": damaged, "read_through": thorough}
    if damaged:
        folder = settings.models_dir / damaged[0]
        return Finding(
            "fail",
            Phrase(f"Damaged: {', '.join(damaged)}.", f"已损坏：{'、'.join(damaged)}。"),
            Phrase(
                f"Delete {folder} and run `jianwei pull {damaged[0]}`.",
                f"请删除 {folder}，然后运行 `jianwei pull {damaged[0]}`。",
            ),
            data,
        )
    if unfinished:
        return Finding(
            "warn",
            Phrase(f"Not finished: {', '.join(unfinished)}.", f"尚未下载完：{'、'.join(unfinished)}。"),
            Phrase(
                f"`jianwei pull {unfinished[0]}` goes on where it stopped.",
                f"运行 `jianwei pull {unfinished[0]}` 可继续下载。",
            ),
            data,
        )
    if not here:
        return Finding(
            "ok", Phrase("None; the built-in one needs no download.", "无；内置模型无需下载。"), data=data
        )
    return Finding("ok", Phrase(f"{', '.join(here)}.", f"{'、'.join(here)}。"), data=data)


def chosen_model(settings: Settings) -> Finding:
    """Whether the files of the model that the settings choose are there."""
    data = {"model": settings.model}
    try:
        paths = resolve(settings.model, settings)
    except JianweiError as error:
        fix = Phrase(error.fix("en"), error.fix("zh"))
        return Finding("fail", Phrase(error.text("en"), error.text("zh")), fix, {**data, "code": error.code})
    size = paths.language.stat().st_size + paths.vision.stat().st_size
    sentence = Phrase(f"{settings.model}, {size_text(size)}.", f"{settings.model}，{size_text(size)}。")
    return Finding("ok", sentence, data={**data, "size": size})


def _pinned_version(library: str) -> str | None:
    """``2026.4`` from our requirement ``openvino==2026.4.*``; None if we are not installed as a package."""
    try:
        requirements = importlib.metadata.requires("jianwei") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for requirement in requirements:
        match = re.match(rf"{library}\s*==\s*([\d.]*\d)(\.\*)?\s*(;|$)", requirement)
        if match:
            return match[1]
    return None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _sha256(path: Path) -> str | None:
    """SHA-256 (hex) of a file; None if it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()
