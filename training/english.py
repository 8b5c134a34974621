"""The merges of English words in the vocabulary: ``python training/english.py`` writes ``english.txt``.

A hanzi is a word, or nearly so, and one token. A small model that is given English letter by letter spends its few
layers on putting words together; so the words that training scenes ask, answer and print are merged (byte pair
encoding: "Neural Machine Translation of Rare Words with Subword Units", Sennrich et al., 2016). Spaces, digits and
signs stay tokens of their own, and so a word is the same token wherever it stands.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

import vocabulary
from jianwei.scenes.families import FAMILIES, draw

COUNT = 3000
_SCENES = 500
"""Of each family."""
_LEAST = 10
"""Times that a word is met; names made by chance hardly ever repeat."""
_PROMPT = "user assistant OCR bbox"
"""Words of the prompt's form and of JSON."""


def words(family: str) -> Counter[str]:
    """How often the words of training scenes in English come."""
    counted: Counter[str] = Counter()
    for seed in range(_SCENES):
        scene = draw(family, seed, "train", "en")
        said = [text.text for text in scene.texts]
        for question in scene.questions:
            said += question.text, question.answer
        for text in said:
            counted.update(re.findall("[A-Za-z]+", text))
    return counted


def learn(counted: Counter[str]) -> list[tuple[str, str]]:
    """Merges in their order; a frequent word counts by the square root of its frequency."""
    model = Tokenizer(BPE())
    letters = sorted({letter for word in counted for letter in word})
    trainer = BpeTrainer(vocab_size=len(letters) + COUNT, initial_alphabet=letters, show_progress=False)
    often = [word for word, count in sorted(counted.items()) for _ in range(math.isqrt(count))]
    model.train_from_iterator(often, trainer)
    return [tuple(pair) for pair in json.loads(model.to_str())["model"]["merges"]]


def main() -> None:
    """Draw, count, learn and write."""
    with ProcessPoolExecutor() as pool:
        counted = sum(pool.map(words, FAMILIES), Counter[str]())
    known = Counter({word: count for word, count in counted.items() if count >= _LEAST})
    known.update(dict.fromkeys(_PROMPT.split(), 10_000))
    merges = learn(known)
    vocabulary.ENGLISH.write_text("".join(f"{left} {right}\n" for left, right in merges), encoding="ascii")
    print(f"{len(merges)} merges of {len(known)} words")


if __name__ == "__main__":
    main()
