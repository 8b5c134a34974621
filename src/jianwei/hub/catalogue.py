"""The models Jianwei knows by name, and where their files lie.

A model is two GGUF files: the language model and the vision tower (``mmproj``). Fetched ones lie in
``settings.models_dir/<name>/`` under their own names; a file there under its final name is complete, because
``download`` verifies it before it gets that name. The built-in model's files ship in the package.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jianwei.errors import InputError, ModelFileError, RequestError

if TYPE_CHECKING:
    from jianwei.config import Settings

BUILTIN = "builtin"
BUILTIN_DIR = Path(__file__).resolve().parent.parent / "builtin"
BUILTIN_SUMS = "SHA256SUMS"
"""Beside the built-in model's files, in the form of ``sha256sum``."""

FAST = "-fast"
"""Behind the name of a model and of its two files: the same in the fast layout (``jianwei convert``)."""

WEIGHTS_OVERHEAD = 1.35
"""Memory of loaded weights over their size as a file. Measured with OpenVINO 2026.4 and 4-bit weights in
groups of 32: 1.8 GB anonymous, 0.34 of them KV blocks, for a language file of 1.11 GB; rounded up."""
RUNTIME_BYTES = 512 * 2**20
"""Memory of Python, OpenVINO, OCR and the working buffers of a step, beside weights and budgets."""


@dataclass(frozen=True)
class ModelFile:
    """One file of a model: its name, its size in bytes, and the SHA-256 (hex) of its content."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class CatalogueEntry:
    """One model.

    Attributes:
        name: what the command line and the API call it.
        title: for people.
        parameters: number of weights, language model and vision tower together; None: ask the file.
        licence: SPDX identifier.
        repository: on Hugging Face and on ModelScope; empty for the built-in model.
        revision: commit on Hugging Face. ModelScope counts its own; there the newest is taken, and verified.
        language, vision: the two files; None for the built-in model, whose files ship in the package.
    """

    name: str
    title: str
    parameters: int | None
    licence: str
    repository: str = ""
    revision: str = ""
    language: ModelFile | None = None
    vision: ModelFile | None = None

    @property
    def builtin(self) -> bool:
        """Whether it ships in the package."""
        return self.language is None or self.vision is None

    @property
    def files(self) -> tuple[ModelFile, ...]:
        """The files to fetch; none for the built-in model."""
        return tuple(file for file in (self.language, self.vision) if file is not None)

    @property
    def download_size(self) -> int:
        """Bytes of all files to fetch."""
        return sum(file.size for file in self.files)

    def paths(self, settings: Settings) -> ModelPaths:
        """Where its files lie, or would lie."""
        if self.language is None or self.vision is None:
            return ModelPaths(BUILTIN_DIR / "language.gguf", BUILTIN_DIR / "vision.gguf", self)
        folder = settings.models_dir / self.name
        return ModelPaths(folder / self.language.name, folder / self.vision.name, self)

    def is_here(self, settings: Settings) -> bool:
        """Whether both files are there (and, for a fetched model, of the right size)."""
        paths = self.paths(settings)
        sizes = [_size(path) for path in (paths.language, paths.vision)]
        if self.builtin:
            return None not in sizes
        return sizes == [file.size for file in self.files]

    def memory_needed(self, settings: Settings) -> int | None:
        """Bytes of memory that running it takes, estimated from its files; None if they are not known."""
        paths = self.paths(settings)
        weights = self.download_size or sum(_size(path) or 0 for path in (paths.language, paths.vision))
        if not weights:
            return None
        budgets = (settings.kv_budget + settings.picture_budget) * 2**20
        return int(weights * WEIGHTS_OVERHEAD) + budgets + RUNTIME_BYTES


@dataclass(frozen=True)
class ModelPaths:
    """The two files of a model, and its entry in the catalogue if it is from there."""

    language: Path
    vision: Path
    entry: CatalogueEntry | None = None

    @property
    def are_here(self) -> bool:
        """Whether both files are there."""
        return self.language.is_file() and self.vision.is_file()

    def fast(self, folder: Path | None = None) -> ModelPaths:
        """Where the same in the fast layout lies, if it was written: in ``folder``, or beside each file."""
        language, vision = (
            (folder or path.parent) / f"{path.stem}{FAST}.gguf" for path in (self.language, self.vision)
        )
        return ModelPaths(language, vision, self.entry and replace(self.entry, name=self.entry.name + FAST))


@dataclass(frozen=True)
class ModelStatus:
    """A model of the catalogue as it stands on this machine.

    Attributes:
        entry: the model.
        here: ready to be used.
        bytes_here: bytes of its files that are here, parts of a broken-off download included.
        memory_needed: bytes, estimated; None if its files are not known.
        fast: its fast layout is here too, under its name with ``-fast`` behind it.
    """

    entry: CatalogueEntry
    here: bool
    bytes_here: int
    memory_needed: int | None
    fast: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "name": self.entry.name,
            "title": self.entry.title,
            "parameters": self.entry.parameters,
            "licence": self.entry.licence,
            "repository": self.entry.repository,
            "download_size": self.entry.download_size,
            "here": self.here,
            "bytes_here": self.bytes_here,
            "memory_needed": self.memory_needed,
            "fast": self.fast,
        }


def _qwen3_vl(
    size: str, parameters: int, revision: str, language: ModelFile, vision: ModelFile
) -> CatalogueEntry:
    return CatalogueEntry(
        name=f"qwen3-vl-{size.lower()}",
        title=f"Qwen3-VL {size} Instruct (Q4_K_M)",
        parameters=parameters,
        licence="Apache-2.0",
        repository=f"Qwen/Qwen3-VL-{size}-Instruct-GGUF",
        revision=revision,
        language=language,
        vision=vision,
    )


_ENTRIES = (
    CatalogueEntry(BUILTIN, "Jianwei built-in model", None, "Apache-2.0"),
    _qwen3_vl(
        "2B",
        2_127_532_032,
        "52d6c8ffea26cc873ac5ad116f8631268d7eb503",
        ModelFile(
            "Qwen3VL-2B-Instruct-Q4_K_M.gguf",
            1_107_409_952,
            "089d75c52f4b7ffc56ba998ffc50aae89fcafc755f9e7208aacca281dca6c2ae",
        ),
        ModelFile(
            "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf",
            445_053_216,
            "f9a68fabba69c3b81e153367b2c7521030b0fa8bb0de400c9599c8e6725f9c82",
        ),
    ),
    _qwen3_vl(
        "4B",
        4_437_815_808,
        "1cd86afb9a95c410a6038ab3b40d8b578c892266",
        ModelFile(
            "Qwen3VL-4B-Instruct-Q4_K_M.gguf",
            2_497_281_664,
            "66358cb18bb6b3b1b6675aa412c7a88ef01d228f481184d13668e5201c730a0a",
        ),
        ModelFile(
            "mmproj-Qwen3VL-4B-Instruct-Q8_0.gguf",
            453_974_304,
            "30ba2c7dd3127a4561b6cba9d13d0f711c91bdb38742e2f56d73c8cb596bd06d",
        ),
    ),
    _qwen3_vl(
        "8B",
        8_767_123_696,
        "f982a07559d4a2f6c8744d840bf6fccab30eea96",
        ModelFile(
            "Qwen3VL-8B-Instruct-Q4_K_M.gguf",
            5_027_784_800,
            "67d1659bfe71b89d50b45a4ad1a9e5b997e5bb16ce5da66a6a6167abd569e9e2",
        ),
        ModelFile(
            "mmproj-Qwen3VL-8B-Instruct-Q8_0.gguf",
            752_289_728,
            "c6ba85508d82f42590e6eb77d5340369ab6fecf107a7561d809523d8aa5f3bfd",
        ),
    ),
)

CATALOGUE: dict[str, CatalogueEntry] = {entry.name: entry for entry in _ENTRIES}
"""All models by name, the built-in one first, then by size."""


def resolve(name_or_path: str, settings: Settings) -> ModelPaths:
    """The files of a model.

    Args:
        name_or_path: a name in the catalogue, with ``-fast`` behind it for the fast layout; the path of a language
            GGUF (its vision file is ``settings.mmproj``, or the only ``*mmproj*.gguf`` of its layout beside it); or a
            folder with one of each (files in the fast layout do not count where there are others).
        settings: where fetched models lie, and ``mmproj``.

    Raises:
        ModelFileError: ``builtin_missing``, ``model_not_here`` or ``mmproj_not_found``.
        RequestError: ``unknown_model``.
        InputError: ``file_not_found``.
    """
    entry = CATALOGUE.get(name_or_path)
    fast = CATALOGUE.get(name_or_path.removesuffix(FAST)) if name_or_path.endswith(FAST) else None
    if fast is not None and not fast.builtin:
        made = fast.paths(settings).fast()
        if not made.are_here:
            raise ModelFileError("model_not_here", name=f"{fast.name} --fast")
        return made
    if entry is not None:
        if not entry.is_here(settings):
            raise (
                ModelFileError("builtin_missing")
                if entry.builtin
                else ModelFileError("model_not_here", name=entry.name)
            )
        return entry.paths(settings)
    # os.path and not Path for a stranger's words: it says False, where Path raises, to what can be no path.
    path = Path(os.path.expanduser(name_or_path))
    if name_or_path and os.path.isdir(path):
        return _resolve_folder(path, settings)
    if os.path.isfile(path):
        return ModelPaths(path, _vision_beside(path, settings))
    if path.suffix.lower() == ".gguf" or len(path.parts) > 1:
        raise InputError("file_not_found", name=path.name)
    raise RequestError("unknown_model", name=name_or_path)


def installed(settings: Settings) -> dict[str, ModelPaths]:
    """The models of the catalogue that are ready to be used, by name."""
    return {name: entry.paths(settings) for name, entry in CATALOGUE.items() if entry.is_here(settings)}


def status(settings: Settings) -> list[ModelStatus]:
    """Every model of the catalogue, as it stands on this machine."""
    return [
        ModelStatus(
            entry,
            entry.is_here(settings),
            _bytes_here(entry, settings),
            entry.memory_needed(settings),
            not entry.builtin and entry.paths(settings).fast().are_here,
        )
        for entry in CATALOGUE.values()
    ]


def part_of(path: Path) -> Path:
    """Where the file at ``path`` grows while it is being fetched."""
    return path.with_name(path.name + ".part")


def read_sums(path: Path) -> dict[str, str]:
    """File names and SHA-256 (hex) from a file in the form of ``sha256sum``.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not of that form.
    """
    sums: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition(" ")
        if len(digest) != 64 or not name.strip():
            raise ValueError(f"not a checksum line: {line!r}")
        sums[name.strip().lstrip("*")] = digest.lower()
    return sums


def _resolve_folder(folder: Path, settings: Settings) -> ModelPaths:
    files = [path for path in sorted(folder.glob("*.gguf")) if not _is_vision(path)]
    languages = _of_layout(files, fast=False)
    if len(languages) != 1:
        raise InputError("file_not_found", name=f"{folder.name}/*.gguf")
    return ModelPaths(languages[0], _vision_beside(languages[0], settings))


def _vision_beside(language: Path, settings: Settings) -> Path:
    if settings.mmproj is not None:
        if not settings.mmproj.is_file():
            raise InputError("file_not_found", name=settings.mmproj.name)
        return settings.mmproj
    files = [path for path in sorted(language.parent.glob("*.gguf")) if _is_vision(path)]
    candidates = _of_layout(files, fast=_is_fast(language))
    if len(candidates) != 1:
        raise ModelFileError("mmproj_not_found", name=language.name)
    return candidates[0]


def _of_layout(files: list[Path], *, fast: bool) -> list[Path]:
    """Those of that layout, or all where there are none."""
    return [path for path in files if _is_fast(path) == fast] or files


def _is_fast(path: Path) -> bool:
    return path.stem.endswith(FAST)


def _is_vision(path: Path) -> bool:
    return "mmproj" in path.name.lower() or path.stem.removesuffix(FAST) == "vision"


def _bytes_here(entry: CatalogueEntry, settings: Settings) -> int:
    paths = entry.paths(settings)
    return sum(_size(path) or _size(part_of(path)) or 0 for path in (paths.language, paths.vision))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None
