"""Whatever a model would like to say, what comes out has the form that was asked for."""

from __future__ import annotations

import json
import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jianwei.engine.grammar import MAX_GRAMMAR_CHARS, GrammarCompiler
from jianwei.engine.sampler import Sampler
from jianwei.errors import InputError
from jianwei.types import JSON_ANSWER, Grammar, SamplingParams

EOS, OTHER_EOS, SILENT = 256, 257, 258
WORDS = ['{"', '":', '", "', '"]', "true", "    ", "\n", "\n\n", " 12", "货架", "</think>"]
VOCABULARY = [bytes([byte]) for byte in range(256)] + [b"", b"", b""]
VOCABULARY += [word.encode() for word in WORDS] + ["货".encode()[:2]]


def encode(text: str) -> list[int]:
    return list(text.encode())


COMPILER = GrammarCompiler(VOCABULARY, {EOS, OTHER_EOS}, encode)


def schema(value) -> Grammar:
    return Grammar("json_schema", json.dumps(value))


def regex(pattern: str) -> Grammar:
    return Grammar("regex", pattern)


def accepts(grammar: Grammar, text: str) -> bool:
    """Whether the bytes of ``text``, one by one, are a whole answer."""
    state = COMPILER.compile(grammar)
    for byte in text.encode():
        if state.is_complete or not state.mask()[byte]:
            return False
        state.accept(byte)
    return state.may_end


def babble(grammar: Grammar, seed: int, limit: int = 400) -> str | None:
    """An answer of a model that knows nothing but likes to stop; None if it did not come to an end."""
    state = COMPILER.compile(grammar)
    sampler = Sampler(SamplingParams(temperature=1.0, seed=seed), len(VOCABULARY), [])
    random = np.random.default_rng(seed)
    said = b""
    for _ in range(limit):
        if state.is_complete:
            return said.decode()
        logits = random.standard_normal(len(VOCABULARY)).astype(np.float32)
        logits[[ord('"'), ord("}"), ord("]"), EOS, OTHER_EOS]] += 5
        token = sampler.sample(logits, state.mask())
        if token in (EOS, OTHER_EOS):
            assert state.may_end
            return said.decode()
        state.accept(token)
        said += VOCABULARY[token]
    return None


PRODUCT = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 8},
        "price": {"type": "number", "minimum": 0, "maximum": 100},
        "tags": {"type": "array", "items": {"enum": ["new", "sale"]}, "maxItems": 3},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
    },
    "required": ["name", "price", "tags"],
    "additionalProperties": False,
}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_random_tokens_under_a_schema_are_json_of_that_schema(seed):
    text = babble(schema(PRODUCT), seed)
    if text is None:
        return
    value = json.loads(text)
    assert set(value) <= set(PRODUCT["properties"])
    assert {"name", "price", "tags"} <= set(value)
    assert isinstance(value["name"], str)
    assert len(value["name"]) <= 8
    assert 0 <= value["price"] <= 100
    assert len(value["tags"]) <= 3
    assert set(value["tags"]) <= {"new", "sale"}
    assert "count" not in value or value["count"] in range(1, 10)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 60), st.sampled_from(["product", "answer", "any", "records"]))
def test_an_answer_cut_off_anywhere_is_closed_as_its_schema_wants(seed, length, form):
    record = {
        "type": "object",
        "properties": {"x": {"type": "number"}, "y": {"type": "string", "minLength": 3}},
    }
    records = {"type": "array", "items": {**record, "required": ["x", "y"]}, "minItems": 2}
    grammar = {
        "product": schema(PRODUCT),
        "answer": JSON_ANSWER,
        "any": schema(True),
        "records": schema(records),
    }[form]
    state, random = COMPILER.compile(grammar), np.random.default_rng(seed)
    said: list[int] = []
    while len(said) < length and not state.is_complete:
        allowed = [token for token in np.flatnonzero(state.mask()) if token not in (EOS, OTHER_EOS)]
        if not allowed:
            break
        said.append(int(random.choice(allowed)))
        state.accept(said[-1])
    said += [] if state.is_complete else state.closing()
    value = json.loads(b"".join(VOCABULARY[token] for token in said))
    if form == "product":
        assert {"name", "price", "tags"} <= set(value)
        assert len(value["name"]) <= 8
        assert 0 <= value["price"] <= 100
    elif form == "answer":
        assert set(value) == {"objects", "texts", "spatial_relations"}
    elif form == "records":
        assert len(value) >= 2
        assert all(isinstance(v["x"], (int, float)) and len(v["y"]) >= 3 for v in value)


def test_closing_says_nothing_that_is_not_needed():
    state = COMPILER.compile(JSON_ANSWER)
    for byte in b'{"objects":["bo':
        state.accept(byte)
    closing = b"".join(VOCABULARY[token] for token in state.closing())
    assert json.loads(b'{"objects":["bo' + closing) == {
        "objects": ["bo"],
        "texts": [],
        "spatial_relations": [],
    }


@pytest.mark.parametrize(
    ("pattern", "begun"), [(r"\d+\.\d\d", "12"), (r"(ab|x){3}y", "a"), (r"a+b|c", "aa"), (r"\d{4}", "2")]
)
def test_a_pattern_cut_off_is_closed_too(pattern, begun):
    state = COMPILER.compile(regex(pattern))
    for byte in begun.encode():
        state.accept(byte)
    closing = b"".join(VOCABULARY[token] for token in state.closing()).decode()
    assert re.fullmatch(pattern, begun + closing)


def test_most_random_answers_do_end():
    answers = [babble(schema(PRODUCT), seed) for seed in range(20)]
    assert sum(answer is not None for answer in answers) >= 15


def test_the_default_json_answer_has_its_three_lists():
    for seed in range(10):
        text = babble(JSON_ANSWER, seed)
        if text is not None:
            value = json.loads(text)
            assert list(value) == ["objects", "texts", "spatial_relations"]
            assert all(isinstance(entry, str) for entries in value.values() for entry in entries)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**9),
    st.sampled_from([r"\d{4}-\d{2}-\d{2}", r"(yes|no|是|否)!?", r"[a-f]{2,5}(,[a-f])*"]),
)
def test_random_tokens_under_a_pattern_match_it(seed, pattern):
    text = babble(regex(pattern), seed)
    assert text is None or re.fullmatch(pattern, text)


@given(st.text(alphabet="ab/\"'#1 \n货", max_size=6))
@settings(deadline=None)
def test_a_pattern_takes_exactly_what_it_matches(text):
    pattern = "(a|b)*/?[\"'#]?1?( |货)?"
    assert accepts(regex(pattern), text) == bool(re.fullmatch(pattern, text))


@pytest.mark.parametrize("indent", [None, 2, 4])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_json_may_be_written_compact_or_indented(indent, separators):
    value = {"name": "蓝莓", "price": 29.9, "tags": ["new", "sale"], "count": 2}
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False)
    text = re.sub(r" +\n", "\n", text)
    assert accepts(schema(PRODUCT), text)


@pytest.mark.parametrize("white", ["  ", "\n\n", "\t", " \n", "\n" + " " * 33])
def test_white_space_has_an_end(white):
    assert not accepts(schema(PRODUCT), '{"name":' + white + '"x","price":1,"tags":[]}')


def test_a_schema_cannot_loosen_the_rules_by_itself():
    loose = {**PRODUCT, "x-guidance": {"whitespace_pattern": "[ ]*", "lenient": True}}
    assert not accepts(schema(loose), '{"name":   "x","price":1,"tags":[]}')
    with pytest.raises(InputError):
        COMPILER.compile(schema({**loose, "not": {"type": "object"}}))


def test_true_is_the_schema_of_any_json():
    for text in ('{"a": [1, null]}', "[]", '"x"', "3"):
        assert accepts(Grammar("json_schema", "true"), text)


def test_end_tokens_are_allowed_only_where_the_answer_may_end():
    state = COMPILER.compile(regex("ab?"))
    assert not state.mask()[[EOS, OTHER_EOS]].any()
    state.accept(ord("a"))
    assert state.may_end
    assert not state.is_complete
    assert state.mask()[[EOS, OTHER_EOS]].all()
    state.accept(ord("b"))
    assert state.is_complete
    assert np.flatnonzero(state.mask()).tolist() == [EOS, OTHER_EOS]


def test_a_token_without_text_is_never_allowed():
    state = COMPILER.compile(regex("(?s:.)*"))
    assert state.mask()[VOCABULARY.index("货架".encode())]
    assert not state.mask()[SILENT]


def test_a_token_may_end_in_the_middle_of_a_character():
    state = COMPILER.compile(regex("货|架"))
    half = len(VOCABULARY) - 1
    assert state.mask()[half]
    state.accept(half)
    assert np.flatnonzero(state.mask()).tolist() == ["货".encode()[2]]


def test_mask_has_one_entry_a_token():
    assert COMPILER.compile(regex("a")).mask().shape[0] >= len(VOCABULARY)
    assert not COMPILER.compile(regex("(?s:.)*")).mask()[len(VOCABULARY) :].any()


def test_a_token_that_does_not_fit_is_an_error():
    state = COMPILER.compile(regex("a"))
    with pytest.raises(ValueError, match="does not fit"):
        state.accept(ord("b"))
    assert not state.is_complete
    assert not state.may_end


def test_states_of_one_grammar_do_not_share_progress():
    first, second = COMPILER.compile(regex("ab")), COMPILER.compile(regex("ab"))
    first.accept(ord("a"))
    assert second.mask()[ord("a")]
    assert not first.mask()[ord("a")]


def test_what_must_follow_is_known_ahead():
    state = COMPILER.compile(regex("(yes|no), sir"))
    assert state.forced_tokens() == []
    state.accept(ord("n"))
    assert state.forced_tokens() == encode("o, sir")


def test_without_a_tokenizer_forced_text_is_cut_into_the_longest_tokens():
    state = GrammarCompiler(VOCABULARY, {EOS}).compile(regex("a货架b"))
    assert state.forced_tokens() == [ord("a"), VOCABULARY.index("货架".encode()), ord("b")]


def test_forced_text_stays_as_it_is_when_the_tokenizer_would_normalize_it():
    def normalizing(text):
        return encode(unicodedata.normalize("NFC", text))

    decomposed = "e\u0301!"
    state = GrammarCompiler(VOCABULARY, {EOS}, normalizing).compile(regex(decomposed))
    for byte in decomposed.encode():
        assert state.mask()[byte]
        state.accept(byte)
    assert state.is_complete


@pytest.mark.parametrize(
    "grammar",
    [
        Grammar("json_schema", "{oops"),
        Grammar("json_schema", ""),
        Grammar("json_schema", "[1]"),
        Grammar("json_schema", "false"),
        Grammar("json_schema", '{"minimum": 1e999}'),
        Grammar("json_schema", '{"a":' * 100_000),
        Grammar("json_schema", '{"not":' * 300 + "{}" + "}" * 300),
        Grammar("json_schema", '{"const": "\\ud800"}'),
        schema({"type": "objekt"}),
        schema({"$ref": "#/nowhere"}),
        schema({"$ref": "https://example.com/schema"}),
        schema({"type": "array", "uniqueItems": True}),
        schema({"type": "integer", "minimum": 5, "maximum": 3}),
        schema({"type": "string", "pattern": "("}),
        schema({"enum": []}),
        regex("("),
        regex("a(?=b)"),
        regex(r"(a)\1"),
        regex("a{1000000}"),
        regex("\ud800"),
        regex("a" * (MAX_GRAMMAR_CHARS + 1)),
    ],
)
def test_a_grammar_that_cannot_be_used_is_refused_with_a_reason(grammar):
    with pytest.raises(InputError) as caught:
        COMPILER.compile(grammar)
    assert caught.value.code == "bad_schema"
    for language in ("zh", "en"):
        text = caught.value.text(language)
        assert "\n" not in text
        assert len(text) < 400


def test_digits_are_ascii_digits():
    assert accepts(regex(r"\d"), "7")
    assert not accepts(regex(r"\d"), "٣")
    assert accepts(regex(r"\w+"), "货架")


def test_a_grammar_that_becomes_too_complex_later_is_an_error_of_the_grammar():
    state = COMPILER.compile(regex("x(a{1000000}|b)"))
    with pytest.raises(InputError, match="too complex"):  # noqa: PT012  # the library says at which one
        for byte in b"xaaaa":
            state.accept(byte)


def test_the_reason_names_what_is_wrong():
    with pytest.raises(InputError, match="unclosed group"):
        COMPILER.compile(regex("(a"))
    with pytest.raises(InputError, match="uniqueItems"):
        COMPILER.compile(schema({"type": "array", "uniqueItems": True}))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["object", "string", "#"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "properties", "items", "enum", "anyOf", "oneOf", "allOf", "$ref", "pattern", "minLength",
             "maxItems", "required", "additionalProperties", "const", "prefixItems", "$defs", "format"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=8,
).map(json.dumps), st.sampled_from(["json_schema", "regex"]))  # fmt: skip
def test_wild_grammars_compile_or_are_refused(text, kind):
    try:
        state = COMPILER.compile(Grammar(kind, text))
    except InputError:
        pass
    else:
        assert state.may_end or state.mask().any()
