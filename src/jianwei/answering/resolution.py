"""How finely each picture is shown, and what of it is left out: by the request, the picture and the question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image as PillowImage

from jianwei.answering.parts import Parts
from jianwei.evidence.showing import SMALL_TOKENS
from jianwei.media.kind import is_drawn, kind_of
from jianwei.model.preprocess import PreprocessConfig, ShownAs, fit_size, patch_image
from jianwei.types import ChatRequest, Image, ImagePart, Message, Prune

PHOTO_TOKENS = 512
"""Budget of a photo where the question asks for nothing fine (a general impression is there with 256)."""

FINE_TOKENS = 1024
"""Budget of pages and screens, and of any picture in which something is to be read, counted or found."""

FINEST = 2
"""So many times the usual budget, before pruning, a page or screen gets if it is within that budget after it."""

LOST_CONTRAST = 6.0
"""Of 255: a photo that differs by less between ``PHOTO_TOKENS`` and ``SMALL_TOKENS`` is shown with the second."""

_FINE_ZH = re.compile(
    r"读|写|文字|文本|字样|识别|转写|抄|翻译|标题|内容|多少|几[个张只件箱瓶排层行列条根块支台]|价|钱|费|额|合计|总计"
    r"|号|码|编码|日期|时间|电话|地址|姓名|名称|品牌|型号|规格|单位|表格|公式|图表|数[据字值量]|标签|说明书|配料|保质期"
    r"|哪里|哪儿|哪个|位置|何处|坐标|框|圈出|定位|指出|找|在不在|破损|损坏|缺陷|裂|尺寸|多[长宽高大]|厘米|毫米"
)
_FINE_EN = re.compile(
    r"\b(read|text|word|words|writ\w*|say|says|said|transcri\w*|ocr|translat\w*|titles?|labels?|prices?|cost|costs|total"
    r"|amount|numbers?|digits?|codes?|serial|dates?|times?|phone|address|names?|brand|model|tables?|formula\w*|chart"
    r"|values?|how (many|much|long|wide|high|tall|large|big)|count|where|position|locat\w*|coordinates|box|boxes"
    r"|bounding|point|find|damag\w*|defect\w*|crack\w*|size|sizes|cm|mm)\b",
    re.IGNORECASE,
)


def shown_as(
    parts: Parts, request: ChatRequest, shown: Sequence[Message], *, regions: bool = False
) -> dict[str, ShownAs]:
    """How each picture is shown, by its digest.

    With ``detail=auto`` the budget follows from the picture and from what is asked about it: in the message that
    brings it or in any later one, so that it only grows and a follow-up finds the picture as it was.

    Args:
        parts: the model.
        request: what is asked.
        shown: its messages with the views that the model gets in place of the pictures.
        regions: whether views are parts of pictures, cut out to be looked at closely.
    """
    most = parts.preprocess.max_tokens
    found: dict[str, ShownAs] = {}
    for image, questions in _with_questions(shown, request):
        prune = parts.settings.prune if request.prune is None else request.prune
        tolerance = tolerance_of(image, prune)
        budget = asked_budget(request, most)
        if budget is None and request.detail == "auto":
            fine = regions or _is_fine(request) or any(map(asks_for_detail, questions))
            usual = max(FINE_TOKENS, parts.settings.visual_tokens)
            budget = auto_budget(image, fine, usual, parts.preprocess, tolerance)
        budget = min(budget or parts.settings.visual_tokens, most)
        earlier = found.get(image.digest)
        found[image.digest] = ShownAs(max(budget, earlier.max_tokens if earlier else 0), tolerance)
    return found


def asked_budget(request: ChatRequest, most: int) -> int | None:
    """Visual tokens of one picture that a request asks for by number or word; None: it leaves them open."""
    if request.max_visual_tokens is not None:
        return min(request.max_visual_tokens, most)
    return {"low": SMALL_TOKENS, "high": most}.get(request.detail or "")


def tolerance_of(image: Image, prune: Prune) -> int | None:
    """What ``prune.kept_groups`` is to take as equal in a picture; None: nothing is left out."""
    if prune == "auto":
        return 0 if is_drawn(image) else None
    if prune == "off":
        return None
    return 0 if prune == "exact" else prune


def asks_for_detail(question: str) -> bool:
    """Whether a question is about something small: print, numbers, places, counts, damage."""
    return bool(_FINE_ZH.search(question) or _FINE_EN.search(question))


def auto_budget(image: Image, fine: bool, usual: int, config: PreprocessConfig, tolerance: int | None) -> int:
    """Visual tokens for a picture when something fine is asked about it, or nothing fine is.

    What pruning frees on a page or a screen is spent on resolution.

    Args:
        image: as it would be shown.
        fine: whether something small has to be seen.
        usual: budget of pages and screens, and of photos where something small has to be seen.
        config: how pictures become patches.
        tolerance: of pruning; None: nothing is left out.
    """
    kind = kind_of(image)
    if kind == "photo" and not fine:
        return PHOTO_TOKENS if _lost_contrast(image, config) > LOST_CONTRAST else SMALL_TOKENS
    finest = FINEST * usual
    if kind == "photo" or tolerance is None or _tokens(image, config, finest) <= usual:
        return usual
    return finest if patch_image(image, config, finest, tolerance).n_tokens <= usual else usual


def _with_questions(shown: Sequence[Message], request: ChatRequest) -> Iterator[tuple[Image, list[str]]]:
    """Each picture with the words of its own message and of the user's later ones.

    The words are the user's own: those that go with regions, or that a format asks for, are not about the picture.
    """
    for index, message in enumerate(shown):
        questions = [later.text for later in request.messages[index:] if later.role == "user"]
        for part in message.parts:
            if isinstance(part, ImagePart):
                yield part.image, questions


def _is_fine(request: ChatRequest) -> bool:
    """Options that want places, lengths or everything that is written."""
    return bool(
        request.boxes or request.regions or request.scale or request.grammar or request.format is not None
    )


def _tokens(image: Image, config: PreprocessConfig, budget: int) -> int:
    width, height = fit_size(image.width, image.height, config, max_tokens=budget, name=image.name)
    return width * height // config.token_side**2


def _lost_contrast(image: Image, config: PreprocessConfig) -> float:
    """Root mean square of what the smaller of a photo's two sizes does not show, in levels of grey."""
    fine = fit_size(image.width, image.height, config, max_tokens=PHOTO_TOKENS, name=image.name)
    coarse = fit_size(image.width, image.height, config, max_tokens=SMALL_TOKENS, name=image.name)
    bicubic = PillowImage.Resampling.BICUBIC
    grey = PillowImage.fromarray(image.pixels).resize(fine, bicubic, reducing_gap=2.0).convert("L")
    back = grey.resize(coarse, bicubic).resize(fine, bicubic)
    lost = np.asarray(grey, np.float32) - np.asarray(back, np.float32)
    return float(np.sqrt(np.mean(lost**2)))
