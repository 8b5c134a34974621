"""Attention goes to the place that its tokens stand for, in the original's geometry."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jianwei.evidence.attention import (
    Head,
    Heads,
    all_heads,
    attention_weights,
    default_heads,
    mean_attention,
    read_heads,
)
from jianwei.evidence.heat import grid_of, heat_map, heat_note, hottest_point, joined, spread
from jianwei.evidence.overlay import overlay
from jianwei.evidence.prompt import LineTokens, PictureTokens, Places, Reading
from jianwei.evidence.views import View, cut
from jianwei.types import GroundedBox, HeatGrid, Image, Region

PHOTO = Image(np.zeros((300, 400, 3), np.uint8))


def line(start: int, *boxes: tuple[float, float, float, float]) -> LineTokens:
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return LineTokens(Reading("x", quad, 0), start, start + len(boxes), boxes)


def on(token: int, n_tokens: int = 40) -> np.ndarray:
    """One row of attention: nearly all on one token."""
    weights = np.full((1, n_tokens), 0.001, np.float32)
    weights[0, token] = 1.0 - 0.001 * (n_tokens - 1)
    return weights


@pytest.mark.parametrize(("row", "column"), [(0, 0), (1, 2), (2, 3)])
def test_a_visual_token_heats_its_own_part_of_the_picture(row: int, column: int) -> None:
    places = Places((PictureTokens(View(PHOTO), 5, 3, 4),), (), 40)
    heat = spread(on(5 + 4 * row + column), places, [PHOTO])
    x, y = hottest_point(heat.pictures[0].values[0], 400, 300)
    assert (x, y) == pytest.approx((100 * column + 50, 100 * row + 50), abs=5)
    assert heat.picture_share > 0.9
    assert heat.evidence_share == 0


@pytest.mark.parametrize(("token", "cell"), [(0, 0), (1, 6), (2, 7), (3, 11)])
def test_tokens_of_a_pruned_picture_heat_their_true_places_and_nothing_else(token: int, cell: int) -> None:
    kept = np.array([0, 6, 7, 11])
    places = Places((PictureTokens(View(PHOTO), 5, 3, 4, kept),), (), 40)
    weights = on(5 + token)
    heat = spread(weights, places, [PHOTO])
    grid = heat.pictures[0].values[0]
    x, y = hottest_point(grid, 400, 300)
    assert (x, y) == pytest.approx((100 * (cell % 4) + 50, 100 * (cell // 4) + 50), abs=5)
    assert grid.sum() == pytest.approx(weights[0, 5:9].sum(), rel=1e-4), "no attention is lost"
    assert heat.picture_share == pytest.approx(weights[0, 5:9].sum(), rel=1e-4)
    for left_out in set(range(12)) - set(kept.tolist()):
        row, column = divmod(left_out, 4)
        assert not grid[row * 16 : row * 16 + 16, column * 16 : column * 16 + 16].any()


def test_tokens_of_a_cut_out_part_heat_that_part_only() -> None:
    part = cut(PHOTO, Region(((200, 150), (400, 300))))
    places = Places((PictureTokens(part, 0, 2, 2),), (), 40)
    grid = spread(on(0), places, [PHOTO]).pictures[0].values[0]
    x, y = hottest_point(grid, 400, 300)
    assert (x, y) == pytest.approx((250, 187.5), abs=5)
    rows, columns = grid.shape
    assert grid[: rows // 2 - 1].sum() == 0
    assert grid[:, : columns // 2 - 1].sum() == 0


def test_a_token_of_a_read_line_heats_the_place_where_it_was_read() -> None:
    places = Places((), (line(10, (100, 200, 150, 220), (150, 200, 200, 220)),), 40)
    heat = spread(on(11), places, [PHOTO])
    assert hottest_point(heat.pictures[0].values[0], 400, 300) == pytest.approx((175, 210), abs=6)
    assert heat.evidence_share > 0.9
    assert heat.picture_share == 0


def test_a_line_smaller_than_a_cell_is_not_lost() -> None:
    places = Places((), (line(10, (101, 201, 102, 202)),), 40)
    heat = spread(on(10), places, [PHOTO])
    assert heat.pictures[0].values.sum() > 0.9


def test_every_picture_has_its_own_map() -> None:
    other = Image(np.zeros((500, 100, 3), np.uint8))
    places = Places((PictureTokens(View(PHOTO), 0, 2, 2), PictureTokens(View(other, 1), 4, 2, 2)), (), 40)
    first, second = spread(on(5), places, [PHOTO, other]).pictures
    assert second.values.sum() > 50 * first.values.sum()
    assert second.values.shape[1:] == grid_of(other) == (64, 13)


def test_the_generic_question_takes_away_what_is_hot_for_every_question() -> None:
    places = Places((PictureTokens(View(PHOTO), 0, 10, 10),), (), 100)
    generic = np.full(100, 0.003, np.float32)
    generic[7], generic[42] = 0.5, 0.03  # a sink, and a place that is often looked at
    weights = generic[None].copy()
    weights[0, 42] += 0.01
    weights[0, 65] += 0.02
    plain = spread(weights, places, [PHOTO]).pictures[0].values[0]
    assert hottest_point(plain, 400, 300) == pytest.approx((300, 15), abs=8)
    relative = spread(weights, places, [PHOTO], generic).pictures[0].values[0]
    assert hottest_point(relative, 400, 300) == pytest.approx((220, 195), abs=8)
    assert relative.sum() == pytest.approx(plain.sum(), rel=1e-3)


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10**6))
def test_no_attention_is_lost_or_made(rows: int, columns: int, seed: int) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(60), 3).astype(np.float32)
    places = Places((PictureTokens(View(PHOTO), 3, rows, columns),), (line(50, (0, 0, 40, 20)),), 60)
    heat = spread(weights, places, [PHOTO])
    total = heat.pictures[0].values.sum() / 3
    assert total == pytest.approx(heat.picture_share + heat.evidence_share, rel=1e-4)


def test_a_map_says_its_tokens_and_its_hottest_cell_is_255() -> None:
    places = Places((PictureTokens(View(PHOTO), 0, 3, 4),), (), 40)
    weights = np.concatenate([on(0), on(11), on(11)])
    made = heat_map(spread(weights, places, [PHOTO]), ["价", "", "格"], None)
    assert [token.text for token in made.tokens] == ["价", "格"]
    assert made.maps[0].grid.max() == 255
    assert made.maps[0].grid[-1, -1] == 255
    assert made.tokens[0].maps[0].grid[0, 0] == 255
    told = made.to_dict()
    values = base64.b64decode(told["maps"][0]["values"])
    assert len(values) == told["maps"][0]["rows"] * told["maps"][0]["columns"]
    assert (told["maps"][0]["width"], told["maps"][0]["height"]) == (400, 300)


def test_a_long_answer_has_a_bounded_number_of_maps_and_all_its_text() -> None:
    places = Places((PictureTokens(View(PHOTO), 0, 3, 4),), (), 40)
    pieces = [str(i % 10) for i in range(600)]
    made = heat_map(spread(np.repeat(on(3), 600, axis=0), places, [PHOTO]), pieces, None)
    assert len(made.tokens) == 256
    assert "".join(token.text for token in made.tokens) == "".join(pieces)


def test_text_added_at_the_end_has_no_heat() -> None:
    places = Places((PictureTokens(View(PHOTO), 0, 3, 4),), (), 40)
    made = heat_map(spread(on(3), places, [PHOTO]), ['{"a": 1', "}"], None)
    assert made.tokens[1].text == "}"
    assert not made.tokens[1].maps[0].grid.any()


def test_little_attention_and_uncalibrated_heads_are_said() -> None:
    places = Places((PictureTokens(View(PHOTO), 0, 3, 4),), (), 40)
    heat = spread(on(30), places, [PHOTO])
    assert heat_note(heat, Heads((), calibrated=True), "en") == (
        "Only 1% of the attention went to the picture: the map tells little about this answer."
    )
    note = heat_note(heat, default_heads(4, 2), "zh")
    assert note is not None
    assert "只有 1%" in note
    assert "校准" in note
    looked = spread(on(3), places, [PHOTO])
    note = heat_note(looked, Heads((), calibrated=True), "en")
    assert note is not None
    assert "for what is printed only" in note
    known = Heads((), calibrated=True, pixels=(Head(1, 0),), pixel_score=0.3)
    note = heat_note(looked, known, "zh")
    assert note is not None
    assert "30%" in note
    assert heat_note(looked, replace(known, pixel_score=0.8), "en") is None
    read = Places((), (line(3, (20, 30, 60, 50)),), 40)
    assert heat_note(spread(on(3), read, [PHOTO]), Heads((), calibrated=True), "en") is None


def test_what_heads_for_lines_leave_is_shown_where_heads_for_pixels_look() -> None:
    places = Places((PictureTokens(View(PHOTO), 5, 3, 4),), (line(20, (20, 30, 60, 50)),), 40)
    lines = np.zeros((2, 40), np.float32)
    lines[0, 20], lines[0, 5] = 0.9, 0.1
    lines[1, 30] = 1.0
    pixels = np.zeros((2, 40), np.float32)
    pixels[:, 7], pixels[:, 20] = 0.5, 0.5
    both = joined(lines, pixels, places)
    assert both.sum(1) == pytest.approx([1, 1])
    assert both[0, 20] == pytest.approx(0.9)
    assert both[0, 7] == pytest.approx(0.1)
    assert both[1, 7] == pytest.approx(1.0)
    unread = Places(places.pictures, (), 40)
    assert np.array_equal(joined(lines, pixels, unread), pixels)


def test_tokens_finer_than_a_cell_of_the_map_keep_their_heat() -> None:
    large = Image(np.zeros((3000, 4000, 3), np.uint8))
    part = cut(large, Region(((800, 600), (1440, 1080))))
    places = Places((PictureTokens(part, 0, 15, 20),), (), 310)
    for token in range(0, 300, 7):
        grid = spread(on(token, 310), places, [large]).pictures[0].values[0]
        x, y = hottest_point(grid, 4000, 3000)
        row, column = divmod(token, 20)
        assert x == pytest.approx(800 + 32 * column + 16, abs=48)
        assert y == pytest.approx(600 + 32 * row + 16, abs=48)


def test_attention_is_the_softmax_over_what_each_row_saw() -> None:
    rng = np.random.default_rng(1)
    queries = rng.standard_normal((3, 2, 4, 8)).astype(np.float32)
    keys = rng.standard_normal((2, 12, 2, 8)).astype(np.float32)
    heads = [Head(5, 3), Head(9, 0)]
    weights = attention_weights(queries, keys, (5, 9), heads, 10)
    for i, (layer, head) in enumerate(((0, 3), (1, 0))):
        for row in range(3):
            scores = keys[layer, : 10 + row, head // 2] @ queries[row, layer, head] / 8**0.5
            expected = np.exp(scores) / np.exp(scores).sum()
            assert weights[i, row, : 10 + row] == pytest.approx(expected, rel=1e-4)
            assert not weights[i, row, 10 + row :].any()
    mean = mean_attention(queries, keys, (5, 9), heads, 10)
    assert mean == pytest.approx(weights.mean(0), abs=1e-6)


def test_heads_are_kept_beside_their_model_and_read_again(tmp_path) -> None:
    heads = Heads((Head(1, 2), Head(3, 0)), True, 0.5, pixels=(Head(2, 1),), pixel_score=0.25)
    (tmp_path / "heads.json").write_text(heads.to_json("a.gguf"))
    assert read_heads(tmp_path / "a.gguf", 4, 4) == heads
    assert heads.layers == (1, 2, 3)
    lines_only = replace(heads, pixels=(), pixel_score=None)
    (tmp_path / "heads.json").write_text(lines_only.to_json("a.gguf"))
    assert read_heads(tmp_path / "a.gguf", 4, 4) == lines_only
    assert not read_heads(tmp_path / "b.gguf", 4, 4).calibrated, "another model's heads"
    assert not read_heads(tmp_path / "a.gguf", 3, 4).calibrated, "a layer that is not there"
    (tmp_path / "heads.json").write_text(replace(heads, pixels=(Head(9, 0),)).to_json("a.gguf"))
    assert not read_heads(tmp_path / "a.gguf", 4, 4).calibrated


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"model": "a.gguf", "heads": 3}', '{"model": "a.gguf"}', "\x00"]
)
def test_a_damaged_file_of_heads_counts_as_none(tmp_path, text: str) -> None:
    (tmp_path / "heads.json").write_text(text)
    assert read_heads(tmp_path / "a.gguf", 28, 16) == default_heads(28, 16)


def test_default_heads_are_of_a_few_layers() -> None:
    assert default_heads(28, 16).layers == (14, 17, 20)
    assert default_heads(1, 2).layers == (0,)
    assert len(all_heads(5, 4).chosen) == 20


def test_an_overlay_is_red_where_it_is_hot_and_shows_boxes() -> None:
    grid = np.zeros((3, 4), np.uint8)
    grid[0, 0] = 255
    made = overlay(
        PHOTO, HeatGrid(0, 400, 300, 3, 4, grid.tobytes()), [GroundedBox("x", (200, 200, 300, 280), 0, "ocr")]
    )
    assert (made.width, made.height) == (400, 300)
    assert made.pixels[30, 30, 0] > 120
    assert made.pixels[150, 350].max() < 20
    assert made.pixels[200, 250, 1] > 100
    assert overlay(Image(np.zeros((3200, 1600, 3), np.uint8)), None).height == 1600
