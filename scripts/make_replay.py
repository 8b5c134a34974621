"""Make ``src/jianwei/bench/replay.json``: right answers about drawn scenes, in Qwen's vocabulary.

    PYTHONPATH=src:tests/reference/tokens python scripts/make_replay.py

The prompts hold the lines that OCR reads in the picture, as ``ocr=on`` puts them there, and ask for all text or for
JSON. Each answer is cut into tokens as a model would come by it: what the schema forces as the grammar cuts it, the
rest as the tokenizer does.
"""

from __future__ import annotations

import json
from pathlib import Path

import qwen_vocabulary

from jianwei.answering.prepare import prepare
from jianwei.config import Settings
from jianwei.engine.grammar import GrammarCompiler, GrammarState
from jianwei.evals.asking import schema_of
from jianwei.evals.scenes_task import Plan, subjects
from jianwei.model.chat_template import TextSegment
from jianwei.model.tokenizer import Tokenizer
from jianwei.pipeline import VisionModel
from jianwei.types import ChatRequest, Grammar, ImagePart, Message, SamplingParams, TextPart

ASKED = {"zh": "读出图片中的所有文字。", "en": "Read all the text in the picture."}
FAMILIES = ("shelves", "documents", "screens")
"""One scene of each."""
SHORTEST = 24
"""Tokens; shorter answers say little about a rate."""
TARGET = Path(__file__).parents[1] / "src" / "jianwei" / "bench" / "replay.json"


def main() -> None:
    """Draw, read, cut and write."""
    model = VisionModel(settings=Settings(picture_disk=0, kv_disk=0))
    qwen = Tokenizer.from_gguf(qwen_vocabulary.metadata())
    compiler = GrammarCompiler(qwen.all_token_bytes(), qwen.eos_ids, qwen.encode)
    found: list[dict[str, object]] = []
    for subject, questions in subjects(Plan(FAMILIES, 1)):
        asked = next((question for question in questions if question.match == "json"), None)
        if asked is None:
            continue
        truth = json.loads(asked.answer)
        grammar = Grammar("json_schema", json.dumps(schema_of(truth)))
        for kind, question, text, state in (
            ("ocr", ASKED[subject.language], "\n".join(truth["texts"]), None),
            ("json", asked.text, asked.answer, compiler.compile(grammar)),
        ):
            parts = (ImagePart(subject.image), TextPart(question))
            request = ChatRequest(kind, (Message("user", parts),), SamplingParams(), ocr="on")
            segments = [s for s in prepare(model, request).segments if isinstance(s, TextSegment)]
            prompt = qwen.encode("".join(model.tokenizer.decode(list(s.ids)) for s in segments))
            answer, forced = cut(text, qwen, state)
            if len(answer) >= SHORTEST:
                found.append({"kind": kind, "prompt": prompt, "answer": answer, "forced": forced})
                print(
                    kind, subject.family, len(prompt), len(answer), len(forced), repr(text[:100]), flush=True
                )
    model.close()
    TARGET.write_text(json.dumps(found, separators=(",", ":")) + "\n")


def cut(text: str, qwen: Tokenizer, state: GrammarState | None) -> tuple[list[int], list[int]]:
    """The tokens of a text, and the places of those that the grammar forces."""
    ids: list[int] = []
    forced: list[int] = []
    left = qwen.encode(text)
    while left:
        run = state.forced_tokens() if state else []
        if run:
            said = b"".join(qwen.token_bytes(i) for i in (*ids, *run))
            left = [*run, *qwen.encode(text.encode()[len(said) :].decode())]
            forced += range(len(ids), len(ids) + len(run))
        for token in left[: len(run) or 1]:
            if state:
                state.accept(token)
            ids.append(token)
        left = left[len(run) or 1 :]
    return ids, forced


if __name__ == "__main__":
    main()
