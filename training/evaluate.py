"""Judge a checkpoint as ``jianwei eval`` judges the files made of it: the same scenes, scorer and rows.

    python training/evaluate.py RUN [--scenes 50] [--families forms,shapes] [--split test] [--json FILE]

Answers come from PyTorch in float32, with what PP-OCRv6 really reads in the pictures as evidence. The figures
through Jianwei's own engine are those of ``jianwei eval --model language.gguf`` with the same options.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.console import Console

import batches
import export
import samples
import vocabulary
from jianwei.engine.grammar import GrammarCompiler
from jianwei.evals import scenes_task
from jianwei.evals.scenes_task import Plan
from jianwei.evals.table import as_table, write_json
from jianwei.evals.tally import by_family, by_group, measures
from jianwei.evidence.intent import asks_for_place
from jianwei.evidence.ocr import OcrLine, OcrReader
from jianwei.evidence.placing import place_grammar
from jianwei.evidence.regions import language_of
from jianwei.evidence.reminding import reminder
from jianwei.evidence.sight import Sight
from jianwei.evidence.telling import format_evidence, told_rows
from jianwei.model.preprocess import patch_image
from jianwei.scenes.families import FAMILIES
from jianwei.scenes.scene import REFUSALS, Question
from jianwei.types import Image


class Checkpoint:
    """Greedy answers of a run's last checkpoint; see ``jianwei.evals.asking.Answerer``."""

    knows_forms = True

    def __init__(self, run: Path, threads: int, *, ocr: bool) -> None:
        self.name = run.name
        self._model, _ = export.load(run)
        self._tokenizer = vocabulary.tokenizer()
        tokenizer = self._tokenizer
        self._forms = GrammarCompiler(tokenizer.all_token_bytes(), tokenizer.eos_ids, tokenizer.encode)
        self._reader = OcrReader(threads) if ocr else None
        self._seen: tuple[str, list[OcrLine]] = ("", [])

    @torch.inference_mode()
    def answer(self, image: Image, question: str, *, max_tokens: int, schema: str | None) -> str:
        """The answer, in the form of a place where one is asked for, else in any: ``schema`` is not obeyed."""
        tokenizer, lines, language = self._tokenizer, self._read(image), language_of(question)
        place = self._reader is not None and asks_for_place(question)
        evidence = format_evidence(lines, image, boxes=place) if self._reader else ""
        sight = Sight.of(image, lines)
        form = (
            self._forms.compile(place_grammar(question, lines, sight, REFUSALS[language])) if place else None
        )
        told = reminder(question, told_rows(lines), language, sight).text
        end = tokenizer.special["<|im_end|>"]
        patched = patch_image(image, samples.EYES)
        asked = batches.conversation(
            tokenizer,
            evidence,
            [[Question(told + question, "", "", "text")]],
            patched,
        )
        (chain,) = asked.chains
        ids = asked.beginning + chain.ids[: chain.answers[0].start]
        places = torch.from_numpy(batches.positions(ids, patched, tokenizer.special["<|image_pad|>"]))
        cache, said = None, []
        step_ids, step_places = torch.tensor([ids]), places[:, None]
        pictures = {
            "pixel_values": torch.from_numpy(patched.patches),
            "image_grid_thw": torch.tensor([patched.grid]),
        }
        last = int(places.max())
        while len(said) < max_tokens:
            plain_places = torch.arange(step_ids.shape[1])[None, None] + (
                0 if cache is None else cache.get_seq_length()
            )
            out = self._model.model(
                input_ids=step_ids,
                position_ids=torch.cat([plain_places, step_places]),
                past_key_values=cache,
                use_cache=True,
                **pictures,
            )
            cache, pictures = out.past_key_values, {}
            logits = self._model.lm_head(out.last_hidden_state[0, -1])
            if form is not None:
                logits[~torch.from_numpy(form.mask().copy())[: len(logits)]] = -torch.inf
            token = int(logits.argmax())
            if token == end:
                break
            if form is not None:
                form.accept(token)
            said.append(token)
            last += 1
            step_ids, step_places = torch.tensor([[token]]), torch.full((3, 1, 1), last)
        return tokenizer.decode(said)

    def memory(self) -> int | None:
        """Not measured: PyTorch's memory says nothing of ours."""
        return None

    def _read(self, image: Image) -> list[OcrLine]:
        """What OCR reads in the picture; the last one is remembered, for it is asked about several times."""
        if self._reader is None:
            return []
        if self._seen[0] != image.digest:
            self._seen = image.digest, self._reader.read(image)
        return self._seen[1]


def main() -> None:
    """Read the command line, ask and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--scenes", type=int, default=50, help="of each family")
    parser.add_argument(
        "--split", choices=["train", "test"], default="test", help="train: known wordings, new scenes"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-ocr", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--show", type=int, default=0, help="print so many wrong answers")
    args = parser.parse_args()
    plan = Plan(tuple(args.families.split(",")), args.scenes, args.split, args.seed)
    checkpoint = Checkpoint(args.run, args.threads, ocr=not args.no_ocr)
    records = scenes_task.run(checkpoint, plan, lambda *_: None)
    sections = [by_group(records), by_family(records), measures(records)]
    Console(width=110).print(as_table(sections, "en"))
    for record in [record for record in records if not record.score.right][: args.show]:
        asked = record.question
        print(f"- {record.family} {asked.kind}: {asked.text} | {record.answer!r} | {asked.answer!r}")
    if args.json:
        write_json(args.json, [row for section in sections for row in section], {"model": checkpoint.name})


if __name__ == "__main__":
    main()
