"""What backs an answer, on a tiny random model of the true structure: it makes no sense, but it runs every path."""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_qwen3vl
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from jianwei.config import Settings
from jianwei.errors import InputError
from jianwei.pipeline import VisionModel
from jianwei.types import (
    JSON_ANSWER,
    AnswerFormat,
    ChatRequest,
    Grammar,
    Image,
    ImagePart,
    Message,
    Region,
    SamplingParams,
    TextPart,
    Video,
    VideoPart,
)

SHORT = SamplingParams(max_tokens=6)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VisionModel]:
    language, vision = tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], tmp_path_factory.mktemp("tiny"))
    made = VisionModel(str(language), settings=Settings(mmproj=vision, kv_budget=16, threads=2))
    yield made
    made.close()


def drawn(seed: int, width: int = 256, height: int = 192) -> Image:
    rng = np.random.default_rng(seed)
    return Image(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), f"drawn {seed}")


def receipt() -> Image:
    picture = PillowImage.new("RGB", (480, 240), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(36)
    draw.text((30, 40), "Total", fill="black", font=font)
    draw.text((280, 40), "128.50", fill="black", font=font)
    return Image(np.asarray(picture))


def test_without_options_nothing_backs_the_answer(model: VisionModel) -> None:
    answer = model.ask(drawn(1), "什么", sampling=SHORT)
    assert answer.evidence.to_dict() == {}
    assert not {"boxes", "heatmap", "steps", "truncated"} & set(answer.to_dict())


def test_a_heat_map_covers_every_picture_and_every_piece_of_the_answer(model: VisionModel) -> None:
    pictures = [drawn(1), drawn(2, 100, 300)]
    plain = model.ask(pictures, "什么", sampling=SHORT)
    answer = model.ask(pictures, "什么", sampling=SHORT, heatmap=True)
    heat = answer.evidence.heatmap
    assert heat is not None
    assert answer.text == plain.text, "looking changes nothing"
    assert [(grid.width, grid.height) for grid in heat.maps] == [(256, 192), (100, 300)]
    assert max(grid.grid.max() for grid in heat.maps) == 255
    assert "".join(token.text for token in heat.tokens) == answer.text
    assert all(len(token.maps) == 2 for token in heat.tokens)
    assert 0 < heat.picture_share <= 1
    assert heat.evidence_share == 0
    assert "校准" in (heat.note or ""), "nobody has calibrated this model"


def test_a_heat_map_is_the_same_when_the_pictures_are_known(model: VisionModel) -> None:
    first = model.ask(drawn(3), "什么颜色", sampling=SHORT, heatmap=True)
    second = model.ask(drawn(3), "什么颜色", sampling=SHORT, heatmap=True)
    assert second.usage.cached_tokens > 0
    one, two = first.evidence.heatmap, second.evidence.heatmap
    assert one is not None
    assert two is not None
    assert np.abs(one.maps[0].grid.astype(int) - two.maps[0].grid.astype(int)).max() < 40


def test_a_stop_string_is_no_piece_of_the_map(model: VisionModel) -> None:
    plain = model.ask(drawn(1), "请说明", sampling=SamplingParams(max_tokens=20)).text
    stop = plain[3:5]
    answer = model.ask(drawn(1), "请说明", sampling=SamplingParams(max_tokens=20, stop=(stop,)), heatmap=True)
    heat = answer.evidence.heatmap
    assert heat is not None
    assert "".join(token.text for token in heat.tokens) == answer.text == plain[: plain.index(stop)]


def test_a_video_beside_a_picture_has_no_map_of_its_own(model: VisionModel) -> None:
    video = Video((drawn(5), drawn(6)), (0.0, 1.0))
    message = Message("user", (VideoPart(video), ImagePart(drawn(7)), TextPart("什么")))
    *_, last = model.stream(ChatRequest("v", (message,), SHORT, heatmap=True))
    assert last.completion is not None
    heat = last.completion.evidence.heatmap
    assert heat is not None
    assert len(heat.maps) == 1


def test_the_lines_that_ocr_read_are_boxed_and_get_attention(model: VisionModel) -> None:
    answer = model.ask(
        receipt(),
        "Total?",
        grammar=Grammar("regex", r"Total: 128\.50"),
        boxes=True,
        heatmap=True,
        ocr="on",
    )
    boxes, heat = answer.evidence.boxes, answer.evidence.heatmap
    assert boxes is not None
    assert heat is not None
    (read,) = [box for box in boxes if box.source == "ocr"]
    assert read.label == "128.50"
    assert read.bbox == pytest.approx((280, 45, 400, 80), abs=16)
    assert heat.evidence_share > 0


def test_a_model_that_knows_boxes_is_asked_for_them(model: VisionModel) -> None:
    answer = model.ask(drawn(1), "什么", sampling=SHORT, boxes=True, ocr="off")
    assert answer.evidence.boxes is not None
    for box in answer.evidence.boxes:
        assert 0 <= box.bbox[0] < box.bbox[2] <= 256
        assert 0 <= box.bbox[1] < box.bbox[3] <= 192
    assert [step.step for step in answer.evidence.steps or ()] == ["locate"]


def test_boxes_in_the_answer_itself_are_taken_and_the_model_is_not_asked_again(model: VisionModel) -> None:
    said = r'\[\{"bbox_2d": \[100, 200, 500, 600\], "label": "box"\}\]'
    answer = model.ask(drawn(1), "在哪", grammar=Grammar("regex", said), boxes=True, ocr="off")
    assert answer.evidence.boxes is not None
    assert [box.bbox for box in answer.evidence.boxes] == [pytest.approx((25.6, 38.4, 128, 115.2))]
    assert answer.evidence.steps is None


def test_boxes_about_a_region_are_in_pixels_of_the_original(model: VisionModel) -> None:
    said = r'\[\{"bbox_2d": \[0, 0, 1000, 1000\], "label": "all"\}\]'
    region = (
        Region(
            ((100, 50), (200, 150)),
        ),
    )
    answer = model.ask(drawn(1), "在哪", grammar=Grammar("regex", said), boxes=True, ocr="off", region=region)
    assert answer.evidence.boxes is not None
    (box,) = answer.evidence.boxes
    assert box.bbox == pytest.approx((100, 50, 200, 150), abs=10)
    (look,) = answer.evidence.steps or ()
    assert (look.step, look.picture) == ("look", 0)
    assert look.tokens > 0


def test_a_region_can_be_written_in_words_as_on_the_command_line(model: VisionModel) -> None:
    answer = model.ask(drawn(1), "什么", sampling=SHORT, region="0.25,0.25,0.5,0.5")
    (look,) = answer.evidence.steps or ()
    assert look.bbox == pytest.approx((64, 48, 128, 96), abs=9)


def test_a_region_outside_its_picture_is_refused(model: VisionModel) -> None:
    for region in ("500,500,600,600", (Region(((0, 0), (9, 9)), 3),)):
        with pytest.raises(InputError) as caught:
            model.ask(drawn(1), "什么", sampling=SHORT, region=region)
        assert caught.value.code == "bad_value"


def test_a_red_box_that_the_question_speaks_of_is_looked_at(model: VisionModel) -> None:
    picture = PillowImage.new("RGB", (640, 480), "white")
    ImageDraw.Draw(picture).rectangle((200, 100, 420, 260), outline=(230, 20, 20), width=4)
    image = Image(np.asarray(picture))
    (look,) = model.ask(image, "红框里写了什么？", sampling=SHORT).evidence.steps or ()
    assert look.bbox == pytest.approx((204, 104, 417, 257), abs=12)
    assert model.ask(image, "写了什么？", sampling=SHORT).evidence.steps is None


@pytest.mark.parametrize("max_tokens", [1, 2, 3, 5, 8, 13, 30])
def test_json_is_whole_at_any_token_limit(model: VisionModel, max_tokens: int) -> None:
    for seed in range(3):
        answer = model.ask(
            drawn(1),
            "描述",
            grammar=JSON_ANSWER,
            sampling=SamplingParams(max_tokens=max_tokens, temperature=1.5, seed=seed),
        )
        assert set(json.loads(answer.text)) == {"objects", "texts", "spatial_relations"}
        assert answer.truncated == (answer.finish_reason == "length")


def test_pieces_sent_are_the_whole_answer_also_where_it_was_closed(model: VisionModel) -> None:
    message = Message("user", (ImagePart(drawn(1)), TextPart("描述")))
    request = ChatRequest("c", (message,), SamplingParams(max_tokens=4), JSON_ANSWER, heatmap=True)
    chunks = list(model.stream(request))
    completion = chunks[-1].completion
    assert completion is not None
    assert "".join(chunk.text for chunk in chunks) == completion.text
    heat = completion.evidence.heatmap
    assert heat is not None
    assert "".join(token.text for token in heat.tokens) == completion.text


def test_an_answer_that_repeats_itself_is_ended(model: VisionModel) -> None:
    answer = model.ask(
        drawn(1),
        "抄写",
        grammar=Grammar("regex", "(谢谢惠顾){100,200}!"),
        sampling=SamplingParams(max_tokens=4000),
    )
    assert answer.repeats
    assert answer.finish_reason == "stop"
    assert len(answer.text) < 1000
    assert answer.text.endswith("!"), "the form is whole all the same"


@pytest.mark.parametrize("form", ["csv", "latex", "html-table"])
def test_a_form_that_is_written_anew_comes_at_the_end_in_one_piece(
    model: VisionModel, form: AnswerFormat
) -> None:
    message = Message("user", (ImagePart(drawn(1)), TextPart("列表")))
    request = ChatRequest("f", (message,), SHORT, format=form)
    chunks = list(model.stream(request))
    assert len(chunks) == 1
    assert chunks[0].completion is not None
    assert chunks[0].text == chunks[0].completion.text


def test_detail_sets_how_large_pictures_are_shown(model: VisionModel) -> None:
    large = drawn(8, 1600, 1200)
    low = model.ask(large, "什么", sampling=SHORT, detail="low")
    high = model.ask(large, "什么", sampling=SHORT, detail="high")
    number = model.ask(large, "什么", sampling=SHORT, detail=100)
    assert low.usage.visual_tokens <= 256 < high.usage.visual_tokens
    assert number.usage.visual_tokens <= 100


def test_what_repeats_on_a_page_is_left_out_unless_told_otherwise(model: VisionModel) -> None:
    page = Image(np.ascontiguousarray(receipt().pixels[:, ::-1]))  # no other test has shown it yet
    whole = model.ask(page, "Total?", sampling=SHORT, heatmap=True, prune="off")
    pruned = model.ask(page, "Total?", sampling=SHORT, heatmap=True)
    assert whole.usage.pruned_tokens == 0
    assert pruned.usage.pruned_tokens > 0.3 * whole.usage.visual_tokens
    assert pruned.usage.visual_tokens + pruned.usage.pruned_tokens == whole.usage.visual_tokens
    assert pruned.timings.vision_runs == 1, "embeddings of the whole page do not fit what is left of it"
    (grid,) = (pruned.evidence.heatmap or pytest.fail("no map")).maps
    assert (grid.width, grid.height) == (page.width, page.height)
    assert not grid.grid[-1, 4:-4].any(), "the white margin below was left out"
    again = model.ask(page, "And what is bought?", sampling=SHORT, prune="exact")
    assert again.timings.vision_runs == 0
    assert model.stats()["pruned_tokens_total"] >= 2 * pruned.usage.pruned_tokens
    photo = model.ask(drawn(9), "什么", sampling=SHORT)
    assert photo.usage.pruned_tokens == 0


def test_auto_detail_takes_no_second_look_with_heads_that_nobody_calibrated(model: VisionModel) -> None:
    answer = model.ask(drawn(8, 1600, 1200), "什么", sampling=SHORT, detail="auto")
    assert answer.evidence.steps == ()


def test_auto_detail_looks_again_where_the_first_pass_looked(tmp_path: Path) -> None:
    language, vision = tiny_qwen3vl.write(tiny_qwen3vl.MODELS["tied"], tmp_path)
    (tmp_path / "heads.json").write_text(
        json.dumps({"model": language.name, "heads": [[0, 0]], "pixel_heads": [[1, 1]], "pixel_score": 0.9})
    )
    model = VisionModel(str(language), settings=Settings(mmproj=vision, kv_budget=16, threads=2))
    try:
        answer = model.ask(drawn(8, 2400, 1800), "什么", sampling=SHORT, detail="auto", heatmap=True)
        (look,) = answer.evidence.steps or ()
        left, top, right, bottom = look.bbox
        assert 0.2 * 2400 < right - left < 0.7 * 2400
        assert 0.2 * 1800 < bottom - top < 0.7 * 1800
        assert look.seconds > 0
        assert answer.evidence.heatmap is not None
        assert answer.evidence.heatmap.note is None
    finally:
        model.close()


def test_things_of_several_pictures_are_looked_for_in_each(model: VisionModel) -> None:
    answer = model.ask([drawn(1), drawn(2)], "什么", sampling=SHORT, boxes=True, ocr="off")
    assert [(step.step, step.picture) for step in answer.evidence.steps or ()] == [
        ("locate", 0),
        ("locate", 1),
    ]


def test_values_of_a_json_answer_are_boxed_where_they_were_read(model: VisionModel) -> None:
    said = r'\{"objects": \[\], "texts": \["128\.50", "Total"\], "spatial_relations": \["128\.50 is left of Total"\]\}'
    answer = model.ask(receipt(), "Total?", grammar=Grammar("regex", said), boxes=True, ocr="on")
    assert answer.evidence.boxes is not None
    labels = [box.label for box in answer.evidence.boxes if box.source == "ocr"]
    assert sorted(labels) == ["128.50", "Total"]
    relation = (answer.evidence.relations or ())[0]
    assert relation["agrees"] is False
    found = answer.evidence.boxes
    (texts,) = [answer.evidence.links["texts"]] if answer.evidence.links else [[]]
    assert [found[i].label for i in texts if i is not None] == ["128.50", "Total"]


def test_the_map_can_be_drawn_over_the_picture(model: VisionModel) -> None:
    pictures = [receipt(), drawn(2, 100, 300)]
    answer = model.ask(pictures, "Total?", sampling=SHORT, heatmap="png")
    assert answer.evidence.heatmap is not None
    for grid, picture in zip(answer.evidence.heatmap.maps, pictures, strict=True):
        overlay = PillowImage.open(io.BytesIO(grid.png))
        assert overlay.size == (picture.width, picture.height)
    plain = model.ask(pictures, "Total?", sampling=SHORT, heatmap=True).evidence.heatmap
    assert plain is not None
    assert not plain.maps[0].png
    # Within the last digit: the second time what is known of the pictures was kept, so that the products of matrices
    # are of other shapes, whose sums some processors round otherwise.
    one, two = (
        np.frombuffer(of.maps[0].values, np.uint8).astype(int) for of in (plain, answer.evidence.heatmap)
    )
    assert np.abs(one - two).max() <= 2


def test_an_answer_is_weighed_by_how_likely_it_was(model: VisionModel) -> None:
    message = Message("user", (ImagePart(receipt()), TextPart("什么")))

    def weight(answer: str) -> tuple[float, ...]:
        return model.weigh(ChatRequest(f"weigh {answer}", (message,)), answer)

    logs = weight("合计是多少 128.50")
    assert len(logs) == len(model.tokenizer.encode("合计是多少 128.50"))
    assert all(value < 0 for value in logs)
    assert weight("合计是多少 128.50") == pytest.approx(logs, abs=0.5), "but for rounding"
    # The first token as the model itself would begin is the likeliest of all.
    begin = model.ask(receipt(), "什么", sampling=SamplingParams(max_tokens=1)).text
    if len(model.tokenizer.encode(begin)) == 1:
        assert weight(begin)[0] >= logs[0]
    assert weight("") == ()


def test_several_regions_of_one_picture_reach_a_large_model_apart(model: VisionModel) -> None:
    answer = model.ask(drawn(8, 800, 600), "什么", sampling=SHORT, region="0,0,100,100;300,300,500,500")
    assert [step.step for step in answer.evidence.steps or ()] == ["look", "look"]


def test_cancelling_ends_what_is_asked_beside_the_answer_too(
    model: VisionModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancelled: list[str] = []
    whole = model.engine.cancel
    monkeypatch.setattr(model.engine, "cancel", lambda name: (cancelled.append(name), whole(name)))
    message = Message("user", (ImagePart(drawn(1)), TextPart("什么")))
    chunks = model.stream(ChatRequest("gone", (message,), SamplingParams(max_tokens=500), boxes=True))
    next(chunks)
    assert isinstance(chunks, Generator)
    chunks.close()
    assert cancelled == ["gone", "gone/beside"]
