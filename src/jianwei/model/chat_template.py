"""A conversation becomes the prompt: text as token ids, pictures as patches, in Qwen3-VL's ChatML.

The one place where control tokens are placed. Follows the official chat template of Qwen3-VL-Instruct
(``chat_template.json`` of its repository) and, for video, ``Qwen3VLProcessor`` of ``transformers`` 4.57, with
which the model came out: every pair of frames stands between its own ``<|vision_start|>`` and
``<|vision_end|>``, after its time. (Since 5.10 that processor leaves a further pair of them around the whole
video: https://github.com/vllm-project/vllm/issues/46817.) Knows nothing of embeddings or positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jianwei.errors import InputError, ModelFileError, Phrase
from jianwei.model.preprocess import (
    PatchedImage,
    PreprocessConfig,
    ShownAs,
    fit_video_size,
    patch_frame_pair,
    patch_image,
)
from jianwei.model.tokenizer import Tokenizer
from jianwei.types import Image, ImagePart, Message, TextPart, Video


@dataclass(frozen=True)
class TextSegment:
    """Token ids in a row, control tokens included."""

    ids: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class VisionSegment:
    """One picture or one pair of video frames: ``n_tokens`` places for its embeddings."""

    patched: PatchedImage
    n_tokens: int


Segment: TypeAlias = TextSegment | VisionSegment


def render(
    messages: Sequence[Message],
    tokenizer: Tokenizer,
    config: PreprocessConfig,
    *,
    evidence: Mapping[str, str] | None = None,
    shown_as: Mapping[str, ShownAs] | None = None,
    max_tokens: int | None = None,
) -> list[Segment]:
    """The prompt for the assistant's next turn.

    Args:
        messages: the conversation; a system message first, or none (there is no default one).
        tokenizer: of the model.
        config: how its pictures become patches.
        evidence: ``Image.digest`` to what OCR read there; put behind the last picture of its message, as
            plain text.
        shown_as: ``Image.digest`` to how that picture is shown.
        max_tokens: budget of any other picture, or of one pair of video frames, in visual tokens.

    Returns:
        Text and vision segments in turn; between two vision segments there is always text.

    Raises:
        InputError: ``picture_too_narrow``, or ``no_picture`` for a video without frames.
        ModelFileError: ``model_unsupported`` when the vocabulary lacks one of the template's control tokens.
    """
    writer = _Writer(tokenizer)
    for message in messages:
        writer.special("<|im_start|>")
        writer.text(f"{message.role}\n")
        last_picture = max(
            (i for i, part in enumerate(message.parts) if isinstance(part, ImagePart)), default=-1
        )
        for index, part in enumerate(message.parts):
            if isinstance(part, TextPart):
                writer.text(part.text)
            elif isinstance(part, ImagePart):
                how = (shown_as or {}).get(part.image.digest)
                if how is None:
                    writer.picture(patch_image(part.image, config, max_tokens))
                else:
                    writer.picture(patch_image(part.image, config, how.max_tokens, how.tolerance))
            else:
                _write_video(writer, part.video, config, max_tokens)
            if index == last_picture and evidence:
                writer.text(_evidence_text(message.images, evidence))
        writer.special("<|im_end|>")
        writer.text("\n")
    writer.special("<|im_start|>")
    writer.text("assistant\n")
    return writer.finish()


def _write_video(writer: _Writer, video: Video, config: PreprocessConfig, max_tokens: int | None) -> None:
    """Frames in pairs, each after the mean of its two timestamps; an odd last frame is its own partner."""
    if not video.frames:
        raise InputError("no_picture")
    first = video.frames[0]
    size = fit_video_size(
        first.width, first.height, len(video.frames), config, max_tokens=max_tokens, name=first.name
    )
    for i in range(0, len(video.frames), 2):
        j = min(i + 1, len(video.frames) - 1)
        seconds = (video.timestamps[i] + video.timestamps[j]) / 2
        writer.text(f"<{seconds:.1f} seconds>")
        writer.picture(patch_frame_pair(video.frames[i], video.frames[j], config, size))


def _evidence_text(images: Sequence[Image], evidence: Mapping[str, str]) -> str:
    """What OCR read in ``images``, one after the other, each ending with a line break."""
    texts = [evidence[image.digest] for image in images if evidence.get(image.digest)]
    return "".join(text if text.endswith("\n") else text + "\n" for text in texts)


class _Writer:
    """Collects the prompt. Text between two control tokens is encoded as one string: BPE merges within it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._segments: list[Segment] = []
        self._ids: list[int] = []
        self._pending: list[str] = []

    def text(self, text: str) -> None:
        self._pending.append(text)

    def special(self, name: str) -> None:
        if name not in self._tokenizer.special:
            reason = Phrase(f"its vocabulary has no {name}", f"词表中没有 {name}")
            raise ModelFileError("model_unsupported", name="tokenizer", reason=reason)
        self._encode_pending()
        self._ids.append(self._tokenizer.special[name])

    def picture(self, patched: PatchedImage) -> None:
        self.special("<|vision_start|>")
        self._end_text_segment()
        self._segments.append(VisionSegment(patched, patched.n_tokens))
        self.special("<|vision_end|>")

    def finish(self) -> list[Segment]:
        self._end_text_segment()
        return self._segments

    def _encode_pending(self) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        if text:
            self._ids.extend(self._tokenizer.encode(text))

    def _end_text_segment(self) -> None:
        self._encode_pending()
        if self._ids:
            self._segments.append(TextSegment(tuple(self._ids)))
            self._ids = []
