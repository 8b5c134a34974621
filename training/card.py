"""Put measured figures into the built-in model's card: ``python training/card.py EVAL_JSON FOLDER``.

EVAL_JSON is what ``jianwei eval --out`` writes. The figures of ``FOLDER/card.json`` and the table of
``FOLDER/MODEL_CARD.md`` are written anew, then ``FOLDER/SHA256SUMS``. What the model can do, in words, stays a
person's task.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from jianwei.scenes.families import FAMILIES

HEAD = "| what | value | n | 95% interval |\n| --- | --- | --- | --- |\n"
FILES = ("card.json", "MODEL_CARD.md", "language.gguf", "vision.gguf", "heads.json")


def is_share(row: dict[str, Any]) -> bool:
    """Whether a row is a share of answers, not seconds, centimetres or bytes."""
    return not re.search(r"seconds|, MB|, cm|cm\b", row["name"])


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = [
        f"| {row['name']} | {row['value']:.1%} | {row['n']} | {row['low']:.1%} to {row['high']:.1%} |"
        if is_share(row)
        else f"| {row['name']} | {row['value']:.2f} | {row['n']} | {row['low']:.2f} to {row['high']:.2f} |"
        for row in rows
    ]
    return HEAD + "\n".join(lines) + "\n"


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    rows = json.loads(args.eval.read_text(encoding="utf-8"))["rows"]
    # Kinds of questions of each family are left to whoever runs the evaluation: there are over a hundred.
    shown = [
        row
        for row in rows
        if row["n"] and "memory" not in row["name"] and row["name"].split()[0] not in FAMILIES
    ]

    card_path = args.folder / "card.json"
    card = json.loads(card_path.read_text(encoding="utf-8"))
    card["figures"] = [row for row in shown if is_share(row)]
    card_path.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    page = args.folder / "MODEL_CARD.md"
    text = page.read_text(encoding="utf-8")
    start = text.index("| what |")
    end = text.index("\n\n", start) + 1
    page.write_text(text[:start] + table(shown) + text[end:], encoding="utf-8")

    sums = [
        f"{hashlib.sha256((args.folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in FILES
        if (args.folder / name).exists()
    ]
    (args.folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


if __name__ == "__main__":
    main()
