"""The heads (metadata and tensor places) of files made the official way, byte for byte, without weights.

``heads.npz`` holds the bytes before the first tensor of each file that ``make_official_like.py`` made, less
the three vocabulary lists, which ``../tokens/qwen_vocabulary.py`` has. ``write_sparse`` puts a file together
again: true head, true size, and holes where the weights would be.

    python tests/reference/official/official_heads.py FOLDER

makes ``heads.npz`` from the files in FOLDER.
"""

from __future__ import annotations

import functools
import hashlib
import json
import runpy
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
STORE = HERE / "heads.npz"
LISTS = ("tokens", "token_type", "merges")


@functools.cache
def vocabulary_bytes() -> dict[str, bytes]:
    """What stands in the file for each vocabulary list, after its type and length."""
    metadata: dict[str, Any] = runpy.run_path(str(HERE.parent / "tokens" / "qwen_vocabulary.py"))[
        "metadata"
    ]()
    found: dict[str, bytes] = {}
    for name in LISTS:
        values = metadata[f"tokenizer.ggml.{name}"]
        if name == "token_type":
            found[name] = struct.pack(f"<{len(values)}i", *values)
        else:
            raw = [text.encode() for text in values]
            found[name] = b"".join(struct.pack("<Q", len(text)) + text for text in raw)
    return found


def names() -> list[str]:
    """The files whose heads are kept."""
    with np.load(STORE) as arrays:
        return list(json.loads(arrays["index"].tobytes()))


def write_sparse(name: str, folder: Path) -> Path:
    """Writes ``name`` into ``folder`` with its true head and size; the weights are holes (zeros)."""
    lists = vocabulary_bytes()
    with np.load(STORE) as arrays:
        entry = json.loads(arrays["index"].tobytes())[name]
        head = b""
        for kind, value in entry["parts"]:
            head += lists[value] if kind == "list" else arrays[value].tobytes()
    if hashlib.sha256(head).hexdigest() != entry["sha256"]:
        raise ValueError(f"the head of {name} does not come out as it was")
    path = folder / name
    with path.open("wb") as file:
        file.write(head)
        file.truncate(entry["size"])
    return path


def main() -> None:
    """Takes the heads of all files in the folder that is named."""
    from gguf import GGUFReader

    lists = vocabulary_bytes()
    index: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for path in sorted(Path(sys.argv[1]).glob("*Instruct*.gguf")):
        size = GGUFReader(path).data_offset
        with path.open("rb") as file:
            head = file.read(size)
        pieces: list[tuple[str, str]] = []
        rest = head
        for name in LISTS if not path.name.startswith("mmproj") else ():
            before, found, rest = rest.partition(lists[name])
            if not found:
                sys.exit(f"{path.name} has another {name}")
            arrays[f"{path.name}.{len(pieces)}"] = np.frombuffer(before, np.uint8)
            pieces += [("bytes", f"{path.name}.{len(pieces)}"), ("list", name)]
        arrays[f"{path.name}.{len(pieces)}"] = np.frombuffer(rest, np.uint8)
        pieces.append(("bytes", f"{path.name}.{len(pieces)}"))
        digest = hashlib.sha256(head).hexdigest()
        index[path.name] = {"size": path.stat().st_size, "sha256": digest, "parts": pieces}
    arrays["index"] = np.frombuffer(json.dumps(index).encode(), np.uint8)
    np.savez_compressed(STORE, **arrays)


if __name__ == "__main__":
    main()
