"""A checkpoint of train.py -> a folder as ``save_pretrained`` writes it, and the GGUF pair of the package.

    python training/export.py RUN OUT [--language-type Q8_0] [--vision-type Q8_0]

OUT gets ``language.gguf`` and ``vision.gguf``; RUN gets ``transformers/``, which ``transformers`` opens and
``to_gguf.py`` converts as well. check.py compares the two.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from gguf import GGMLQuantizationType as GgmlType

import modelling
import samples
import to_gguf
import vocabulary

TOKEN_PIXELS = 32 * 32
MIN_TOKENS = 48


def load(run: Path) -> tuple[torch.nn.Module, dict]:
    """The model of a run's last checkpoint, and what else that holds."""
    state = torch.load(run / "last.pt", weights_only=False, map_location="cpu")
    model = modelling.build(modelling.SIZES[state["size"]])
    model.load_state_dict(state["model"])
    return model.eval(), state


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--language-type", default="Q8_0", choices=["F32", "F16", "BF16", "Q8_0"])
    parser.add_argument("--vision-type", default="Q8_0", choices=["F32", "F16", "BF16", "Q8_0"])
    args = parser.parse_args()
    model, _ = load(args.run)
    folder = args.run / "transformers"
    folder.mkdir(exist_ok=True)
    model.save_pretrained(folder)
    vocabulary.save_for_transformers(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "image_processor_type": "Qwen2VLImageProcessorFast",
                "patch_size": 16,
                "merge_size": 2,
                "temporal_patch_size": 2,
                "image_mean": [0.5, 0.5, 0.5],
                "image_std": [0.5, 0.5, 0.5],
                "size": {
                    "shortest_edge": MIN_TOKENS * TOKEN_PIXELS,
                    "longest_edge": samples.PICTURE_TOKENS * TOKEN_PIXELS,
                },
            },
            indent=2,
        )
    )
    args.out.mkdir(parents=True, exist_ok=True)
    extras = to_gguf.Extras(
        name="Jianwei built-in",
        general={"author": "The Jianwei authors", "license": "apache-2.0"},
        min_pixels=MIN_TOKENS * TOKEN_PIXELS,
        max_pixels=samples.PICTURE_TOKENS * TOKEN_PIXELS,
        sampling={"temp": 0.0},
    )
    to_gguf.write_gguf_pair(
        model.state_dict(),
        model.config.to_dict(),
        vocabulary.build(),
        args.out / "language.gguf",
        args.out / "vision.gguf",
        extras=extras,
        language_type=GgmlType[args.language_type],
        vision_type=GgmlType[args.vision_type],
    )
    for path in (args.out / "language.gguf", args.out / "vision.gguf"):
        print(f"{path} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
