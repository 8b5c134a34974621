"""Ask a trained model about scenes of the test split, with what PP-OCRv6 really reads in them as evidence.

    python training/evaluate.py RUN [--scenes 200] [--json FILE]           the checkpoint, in PyTorch float32
    python training/evaluate.py --gguf language.gguf [--scenes 200]        the files, through Jianwei's own engine

Templates' wordings, fonts and backgrounds are ones that training never used. Prints the share of right answers
by kind of question with its 95% (Wilson) interval.
"""

from __future__ import annotations

import argparse
import json
import math
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random

import samples
from jianwei.evidence.ocr import OcrReader, format_evidence
from jianwei.model.preprocess import patch_image
from jianwei.scenes import cartons, paper, shapes, shelves
from jianwei.scenes.scene import REFUSALS, Question, Scene, Split
from jianwei.types import Image

Answerer = Callable[[Image, str], str]
MAX_TOKENS = 96
EVALUATION_SEED = 900_000


def draw(seed: int, split: Split) -> Scene:
    """A scene of a family drawn by lot; three Chinese to two English."""
    rng = Random(EVALUATION_SEED + seed)
    language = "zh" if seed % 5 < 3 else "en"
    family = ("forms", "shapes", "forms", "cartons", "shelves")[rng.randrange(5)]
    if family == "forms":
        return paper.draw(rng, split, language, rng.randint(2, 20), questions=6)
    if family == "shapes":
        return shapes.draw(rng, split, language)
    return (cartons if family == "cartons" else shelves).draw(rng, split, language)


def plain(text: str) -> str:
    """Text without what OCR and people write now one way and now another: width, case, spaces, final stops."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(text.split()).rstrip("。.:").replace(",", "")


def box_of(text: str) -> list[float] | None:
    """The first box of an answer in Qwen3-VL's JSON."""
    try:
        items = json.loads(text)
        box = [float(value) for value in items[0]["bbox_2d"]]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return box if len(box) == 4 else None


def overlap(one: list[float], other: list[float]) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / max(area - shared, 1e-9)


def right(question: Question, answer: str) -> bool:
    """Whether the answer is right; texts must be equal but for ``plain``, boxes overlap by half."""
    if question.match == "box":
        said, true = box_of(answer), box_of(question.answer)
        return said is not None and true is not None and overlap(said, true) >= 0.5
    if question.match == "lines":
        return error_rate(plain(answer), plain(question.answer)) <= 0.1
    return plain(answer) in (plain(question.answer), plain(question.value or question.answer))


def error_rate(said: str, true: str) -> float:
    """Edit distance over the true text's length."""
    row = list(range(len(said) + 1))
    for i, character in enumerate(true, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(said, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (character != other))
    return row[-1] / max(1, len(true))


def wilson(good: int, n: int) -> tuple[float, float]:
    """95% interval of a share."""
    if n == 0:
        return 0.0, 1.0
    z, share = 1.96, good / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle - half, middle + half


def torch_answerer(run: Path, reader: OcrReader) -> Answerer:
    """Greedy answers of a checkpoint in PyTorch."""
    import torch

    import batches
    import export
    import vocabulary

    model, _ = export.load(run)
    tokenizer = vocabulary.tokenizer()
    end = tokenizer.special["<|im_end|>"]

    @torch.inference_mode()
    def answer(image: Image, question: str) -> str:
        evidence = remembered(reader, image)
        patched = patch_image(image, samples.EYES)
        asked = batches.conversation(tokenizer, evidence, [Question(question, "", "", "text")], patched)
        ids = asked.ids[: asked.answers[0].start]
        places = torch.from_numpy(batches.positions(ids, patched, tokenizer.special["<|image_pad|>"]))
        cache, said = None, []
        step_ids, step_places = torch.tensor([ids]), places[:, None]
        pictures = {
            "pixel_values": torch.from_numpy(patched.patches),
            "image_grid_thw": torch.tensor([patched.grid]),
        }
        last = int(places.max())
        while len(said) < MAX_TOKENS:
            plain_places = torch.arange(step_ids.shape[1])[None, None] + (
                0 if cache is None else cache.get_seq_length()
            )
            out = model.model(
                input_ids=step_ids,
                position_ids=torch.cat([plain_places, step_places]),
                past_key_values=cache,
                use_cache=True,
                **pictures,
            )
            cache, pictures = out.past_key_values, {}
            token = int(model.lm_head(out.last_hidden_state[0, -1]).argmax())
            if token == end:
                break
            said.append(token)
            last += 1
            step_ids, step_places = torch.tensor([[token]]), torch.full((3, 1, 1), last)
        return tokenizer.decode(said)

    return answer


def engine_answerer(path: str) -> Answerer:
    """Greedy answers of the files, through Jianwei's pipeline, OCR and all."""
    from jianwei import VisionModel
    from jianwei.types import SamplingParams

    model = VisionModel(path)
    return lambda image, question: (
        model.ask(image, question, sampling=SamplingParams(temperature=0.0, max_tokens=MAX_TOKENS)).text
    )


_SEEN: dict[str, str] = {}


def remembered(reader: OcrReader, image: Image) -> str:
    """The picture's evidence; read once."""
    if image.digest not in _SEEN:
        _SEEN[image.digest] = format_evidence(reader.read(image), image)
    return _SEEN[image.digest]


GROUPS = {
    "fields and texts": ("field", "price", "count_text", "row", "which", "marks"),
    "colour, shape, count, side, damage": (
        "colour", "shape", "count", "relation", "damaged", "damage_kind", "damage_place",
    ),
    "boxes of texts": ("where",),
    "boxes of things": ("where_object",),
    "unanswerable recognised": ("absent",),
    "is it there": ("present", "present_object", "mark"),
    "all text, error rate at most 10%": ("read",),
}  # fmt: skip


def main() -> None:
    """Read the command line, ask and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--gguf")
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument(
        "--split", choices=["train", "test"], default="test", help="train: known wordings, new scenes"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=0, help="print so many wrong answers")
    args = parser.parse_args()
    reader = OcrReader(args.threads)
    answer = engine_answerer(args.gguf) if args.gguf else torch_answerer(args.run, reader)
    tally: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    refused = [0, 0]
    started, shown = time.monotonic(), 0
    for seed in range(args.scenes):
        scene = draw(seed, args.split)
        for question in scene.questions:
            if question.match == "open":
                continue
            said = answer(scene.image, question.text)
            good = right(question, said)
            kind = "count_text" if scene.family == "forms" and question.kind == "count" else question.kind
            for key in (kind, f"{scene.language} {kind}"):
                tally[key][0] += good
                tally[key][1] += 1
            if question.match != "none":
                refused[0] += plain(said) in map(plain, REFUSALS.values())
                refused[1] += 1
            if not good and shown < args.show:
                shown += 1
                print(f"- {scene.family} {kind}: {question.text} | {said!r} | {question.answer!r}")
    rows = []
    for name, kinds in GROUPS.items():
        for language in ("", "zh ", "en "):
            counts = [tally[language + kind] for kind in kinds if language + kind in tally]
            good, n = sum(c[0] for c in counts), sum(c[1] for c in counts)
            rows.append((language + name, good, n))
    rows += [(f"kind {kind}", good, n) for kind, (good, n) in sorted(tally.items()) if " " not in kind]
    rows.append(("answerable refused", refused[0], refused[1]))
    table = []
    for name, good, n in rows:
        low, high = wilson(good, n)
        table.append(
            {
                "name": name,
                "value": round(good / max(1, n), 4),
                "n": n,
                "low": round(low, 4),
                "high": round(high, 4),
            }
        )
        print(f"{name:50} {good / max(1, n):6.1%}  n={n:<5} {low:.1%} to {high:.1%}")
    print(f"{args.scenes} scenes, {time.monotonic() - started:.0f} s")
    if args.json:
        args.json.write_text(json.dumps({"rows": table}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
