"""Makes what ``tests/model/test_tokenizer.py`` compares with: ids of 10 000 strings by two libraries.

    python tests/reference/tokens/make_token_reference.py --tokenizer-json FILE --gguf FILE [--check]

The files are those that ``make_official_like.py`` leaves: the checkpoint's ``tokenizer.json`` and a language
file. Needs ``tokenizers``, ``gguf``, ``numpy`` and ``llama-cpp-python``. ``--check`` compares with what is
there instead of writing it.

``token-hashes.npy`` is ``[3, 10000]`` uint32, a hash of the ids of each string by

0. ``tokenizers`` with ``tokenizer.json``, ``encode_special_tokens`` on (text stays text);
1. llama.cpp with ``parse_special`` off;
2. llama.cpp likewise, the text put into NFC first.

Where they differ, and what ours does:

- ``tokenizer.json`` normalizes to NFC, llama.cpp does not. Ours does, as the model's own tokenizer.
- ``tokenizer.json`` finds ``<|fim_prefix|>`` and five more in text, because it does not call them special;
  llama.cpp calls every name in ``<|...|>`` a control token and leaves it as text. Ours too: no control token
  from outside.

``token-examples.json`` has the ids of row 2 in full for the first hundred strings, for people.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
from tokenizers import Tokenizer

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from mixed_strings import fingerprint, hash_ids, mixed_strings  # noqa: E402
from qwen_vocabulary import metadata  # noqa: E402

EXAMPLES = 100


def llama_ids(model: Path, texts: list[str]) -> list[list[int]]:
    """Token ids by llama.cpp, special tokens not parsed, none added."""
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    loaded = llama_cpp.llama_model_load_from_file(str(model).encode(), params)
    vocab = llama_cpp.llama_model_get_vocab(loaded)
    room = 1 << 16
    buffer = (llama_cpp.llama_token * room)()
    ids: list[list[int]] = []
    for text in texts:
        raw = text.encode()
        count = llama_cpp.llama_tokenize(vocab, raw, len(raw), buffer, room, False, False)
        if count < 0:
            sys.exit(f"{-count} tokens are more than expected")
        ids.append(list(buffer[:count]))
    return ids


def check_vocabulary(model: Path) -> None:
    """The vocabulary rebuilt from the merges is the file's, key by key."""
    reader = gguf.GGUFReader(model)
    for key, expected in metadata().items():
        field = reader.get_field(key)
        if field is None or field.contents() != expected:
            sys.exit(f"{key} differs from {model.name}")


def main() -> None:
    """Computes, then writes or compares."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokenizer-json", type=Path, required=True)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()

    check_vocabulary(options.gguf)
    texts = mixed_strings()
    official = Tokenizer.from_file(str(options.tokenizer_json))
    official.encode_special_tokens = True
    by_tokenizers = [official.encode(text, add_special_tokens=False).ids for text in texts]
    by_llama = llama_ids(options.gguf, texts)
    by_llama_nfc = llama_ids(options.gguf, [unicodedata.normalize("NFC", text) for text in texts])
    rows = (by_tokenizers, by_llama, by_llama_nfc)
    hashes = np.array([[hash_ids(ids) for ids in row] for row in rows], dtype=np.uint32)
    examples = {
        "strings": fingerprint(texts),
        "tokens": sum(map(len, by_llama_nfc)),
        "examples": [{"text": text, "ids": by_llama_nfc[i]} for i, text in enumerate(texts[:EXAMPLES])],
    }
    differ = [(hashes[i] != hashes[2]).sum() for i in (0, 1)]
    print(f"{len(texts)} strings; differ from row 2: tokenizers {differ[0]}, llama.cpp as is {differ[1]}")
    if options.check:
        same = np.array_equal(np.load(HERE / "token-hashes.npy"), hashes)
        same &= json.loads((HERE / "token-examples.json").read_text(encoding="utf-8")) == examples
        sys.exit(0 if same else "the reference differs")
    np.save(HERE / "token-hashes.npy", hashes)
    lines = ",\n".join(json.dumps(example) for example in examples["examples"])
    head = json.dumps({k: examples[k] for k in ("strings", "tokens")})[:-1]
    (HERE / "token-examples.json").write_text(f'{head}, "examples": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
