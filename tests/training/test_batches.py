"""What the built-in model learns from: questions stand behind the evidence as if each were the only one."""

from __future__ import annotations

import numpy as np
import pytest

import batches
import vocabulary
from batches import Conversation
from jianwei.model.chat_template import TextSegment, VisionSegment, render
from jianwei.model.preprocess import PreprocessConfig, patch_image
from jianwei.model.tokenizer import Tokenizer
from jianwei.scenes.scene import Question
from jianwei.types import Image, ImagePart, Message, TextPart

EYES = PreprocessConfig(min_tokens=4, max_tokens=16)
EVIDENCE = "OCR:\n合计\t¥42.40\n谢谢惠顾\n\n"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return vocabulary.tokenizer()


@pytest.fixture
def image() -> Image:
    return Image(np.full((96, 128, 3), 200, np.uint8))


def question(text: str, answer: str) -> Question:
    return Question(text, answer, "field", "text")


ASKED = [
    [question("合计多少？", "合计：¥42.40")],
    [question("What is the total?", "合计: ¥42.40")],
    [question("有电话吗？", "图中没有这项信息。"), question("合计呢？", "合计：¥42.40")],
]


def learnt(tokenizer: Tokenizer, image: Image | None) -> Conversation:
    patched = None if image is None else patch_image(image, EYES)
    return batches.conversation(tokenizer, EVIDENCE, ASKED, patched)


def rendered(tokenizer: Tokenizer, image: Image, messages: list[Message]) -> list[int]:
    """Token ids as the engine asks, pictures as their placeholders."""
    found: list[int] = []
    for part in render(messages, tokenizer, EYES, evidence={image.digest: EVIDENCE}):
        if isinstance(part, TextSegment):
            found += part.ids
        else:
            assert isinstance(part, VisionSegment)
            found += [tokenizer.special["<|image_pad|>"]] * part.n_tokens
    return found


def test_every_chain_is_learnt_as_the_engine_asks_it(tokenizer: Tokenizer, image: Image) -> None:
    conversation = learnt(tokenizer, image)
    for chain, asked in zip(conversation.chains, ASKED, strict=True):
        messages: list[Message] = []
        for answer, one in zip(chain.answers, asked, strict=True):
            first = (ImagePart(image),) if not messages else ()
            messages.append(Message("user", (*first, TextPart(one.text))))
            prompt = conversation.beginning + chain.ids[: answer.start]
            assert prompt == rendered(tokenizer, image, messages)
            messages.append(Message("assistant", (TextPart(one.answer),)))


@pytest.mark.parametrize("with_picture", [True, False])
def test_a_question_sees_itself_and_no_other(tokenizer: Tokenizer, image: Image, with_picture: bool) -> None:
    conversation = learnt(tokenizer, image if with_picture else None)
    batch = batches.collate(conversation, tokenizer)
    rows, _, width, _ = batch.own.shape
    begun = len(conversation.beginning)
    assert batch.ids.shape == (1, begun + rows * width)
    assert conversation.length <= batch.ids.size
    last = int(batch.positions[:, 0, :begun].max())
    for row in range(rows):
        places = batch.positions[0, 0, begun + row * width : begun + (row + 1) * width]
        mask = batch.own[row, 0]
        assert not np.triu(mask, 1).any(), "nothing looks ahead"
        starts = [at for at in range(width) if places[at] == last + 1]
        for start, stop in zip(starts, [*starts[1:], width], strict=True):
            assert not mask[start:stop, :start].any(), "what stands before in the row is another question"
            assert mask[start:stop, start].any()


def test_the_loss_is_on_all_answers_and_nothing_else(tokenizer: Tokenizer, image: Image) -> None:
    conversation = learnt(tokenizer, image)
    batch = batches.collate(conversation, tokenizer)
    after = np.roll(batch.ids[0], -1)[batch.where[0]]
    assert after.tolist() == batch.targets.tolist()
    said = sorted(tokenizer.decode(batch.targets[a : b - 1].tolist()) for a, b, _ in batch.spans)
    assert said == sorted(one.answer for chain in ASKED for one in chain)
    for a, b, _ in batch.spans:
        assert batch.weights[a:b].sum() == pytest.approx((b - a) ** 0.5)
