"""Answers of a given form: JSON of a schema, or text of a pattern, as masks over the vocabulary.

The automaton is llguidance's (https://github.com/guidance-ai/llguidance); here is what this project asks of
it: everything that can be wrong with a schema is found before a request is accepted, work and memory are
bounded, and an answer cannot run away in white space. Knows tokens as bytes, nothing of the model.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from llguidance import LLMatcher, LLParserLimits, LLTokenizer, TokenizerWrapper, regex_to_lark

from jianwei.engine.sampler import TokenMask
from jianwei.errors import InputError, Phrase
from jianwei.types import Grammar

if TYPE_CHECKING:
    from llguidance._lib import JsonCompileOptions

log = logging.getLogger(__name__)

MAX_GRAMMAR_CHARS = 200_000
"""Characters of one schema or pattern."""

_MAX_LEXER_STATES = 20_000
"""About 2 kB each. What patterns need in practice is far less; llguidance's own limit would allow 500 MB."""

_WHITE_SPACE = r" |\n {0,32}"
"""Between the tokens of JSON: nothing, one space, or a new line with its indentation; once at each place. So
a model may write JSON as it has learned to, on one line or indented, but never white space without end."""

_JSON_OPTIONS: JsonCompileOptions = {
    "whitespace_flexible": True,
    "whitespace_pattern": _WHITE_SPACE,
    "item_separator": ",",
    "key_separator": ":",
    # A keyword that is not enforced must be refused, or the answer would break the promise of its schema.
    "lenient": False,
    "coerce_one_of": False,
}
"""Given as overrides: a schema's own ``x-guidance`` key cannot change them."""

_MAX_CLOSING_TOKENS = 4096
"""Tokens that close an answer at most; a schema of many long required keys takes some hundred."""

_SAME_EXITS = 8
"""How often one byte may be tried before another has its turn."""

_ASCII_CLASSES = "d"
r"""In patterns ``\d`` is 0 to 9 only (nobody who asks for digits wants those of other scripts); ``\w`` and
``\s`` are Unicode's."""

_TOO_COMPLEX = Phrase("it is too complex to follow", "过于复杂，无法执行")


class GrammarCompiler:
    """Makes grammars ready for one vocabulary. Thread-safe.

    The trie over the vocabulary (151936 tokens: 0.3 s, 50 MB) is built when the first grammar is asked for.
    """

    def __init__(
        self,
        token_bytes: Sequence[bytes],
        eos_ids: Iterable[int],
        encode: Callable[[str], list[int]] | None = None,
    ) -> None:
        """Remember the vocabulary.

        Args:
            token_bytes: the bytes of every token, ``b""`` for tokens that stand for no text; those are never
                allowed, save ``eos_ids``.
            eos_ids: the tokens that end an answer.
            encode: text to tokens. Where a grammar leaves no choice, the mask allows only the tokens that the
                tokenizer would cut this text into; None: the longest tokens that fit.
        """
        self._vocabulary = _Vocabulary(token_bytes, sorted(eos_ids), encode)
        self._lock = threading.Lock()

    def compile(self, grammar: Grammar) -> GrammarState:
        """A fresh state at the beginning of an answer.

        A pattern has to match the whole answer; its syntax is that of Rust's ``regex`` crate (no look-around,
        no back references). A schema's properties come in the schema's order.

        Raises:
            InputError: ``bad_schema`` with the reason: not JSON, unknown or unsupported keywords, nothing
                can satisfy it, a pattern that does not parse, or too large.
        """
        if len(grammar.text) > MAX_GRAMMAR_CHARS:
            raise _bad(
                Phrase(f"it has more than {MAX_GRAMMAR_CHARS} characters", f"超过 {MAX_GRAMMAR_CHARS} 个字符")
            )
        try:
            source = (
                LLMatcher.grammar_from_regex(regex_to_lark(grammar.text, _ASCII_CLASSES))
                if grammar.kind == "regex"
                else LLMatcher.grammar_from_json_schema(
                    _read_schema(grammar.text),
                    overrides=_JSON_OPTIONS,
                )
            )
        except ValueError as error:  # half surrogates, numbers beyond float64, nesting beyond 128
            raise _bad(_first_sentence(str(error))) from error
        limits = LLParserLimits(max_lexer_states=_MAX_LEXER_STATES, verbose_errors=False)
        matcher = LLMatcher(self._trie(), source, log_level=0, limits=limits)
        if matcher.is_error():
            raise _bad(_first_sentence(matcher.get_error()))
        # Some patterns turn out to be too large only when the first token is looked for, or taken.
        exits = self._vocabulary.exits
        first = np.flatnonzero(GrammarState(matcher, exits).mask())
        GrammarState(matcher.deep_copy(), exits).accept(int(first[0]))
        return GrammarState(matcher, exits)

    def _trie(self) -> LLTokenizer:
        with self._lock:
            vocabulary = self._vocabulary
            if vocabulary.trie is None:
                vocabulary.trie = LLTokenizer(
                    TokenizerWrapper(vocabulary),
                    n_vocab=len(vocabulary.tokens),
                    eos_token=vocabulary.special_token_ids,
                )
            return vocabulary.trie


class GrammarState:
    """How far one answer has come in its grammar. One thread at a time may use it."""

    def __init__(self, matcher: LLMatcher, exits: _Exits) -> None:
        """Own ``matcher``; made by :meth:`GrammarCompiler.compile`.

        Args:
            matcher: at the beginning of an answer.
            exits: which bytes bring an answer to its end.
        """
        self._matcher = matcher
        self._exits = exits
        self._mask: TokenMask | None = None

    def mask(self) -> TokenMask:
        """Which tokens may come next: ``[vocab]`` bool. End tokens are True where the answer may end.

        Raises:
            InputError: ``bad_schema``: following the grammar from here takes too much work.
        """
        if self._mask is None:
            packed = self._matcher.compute_bitmask()
            if self._matcher.is_error():
                self._give_up()
            bits = np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little")
            self._mask = bits.view(np.bool_)
        return self._mask

    def accept(self, token: int) -> None:
        """Go on by one token.

        Raises:
            InputError: ``bad_schema``: following the grammar from here takes too much work.
            ValueError: the grammar does not allow this token here.
        """
        allowed = bool(self.mask()[token])
        self._mask = None
        if self._matcher.consume_token(token):
            return
        if allowed:
            self._give_up()
        raise ValueError(f"token {token} does not fit the grammar")

    @property
    def may_end(self) -> bool:
        """Whether what is there satisfies the grammar."""
        return not self._matcher.is_error() and self._matcher.is_accepting()

    @property
    def is_complete(self) -> bool:
        """Whether nothing but the end can follow."""
        return not self._matcher.is_error() and self._matcher.is_stopped()

    def forced_tokens(self) -> list[int]:
        """Tokens that must come next, cut as ``encode`` does; empty where there is a choice."""
        return self._matcher.compute_ff_tokens()

    def count_allowed(self, tokens: Sequence[int]) -> int:
        """How many of ``tokens``, from the first on, may come next one after another."""
        return self._matcher.validate_tokens(list(tokens))

    def closing(self) -> list[int]:
        """Tokens that bring an unfinished answer to an end that satisfies the grammar; it is used up by this.

        At each place the grammar itself says which bytes may come, and of those the one is taken that leads
        out soonest: a bracket or quote that closes before a digit, a digit before what opens anew.

        Raises:
            InputError: ``bad_schema``: no end was found within bounds.
        """
        tokens: list[int] = []
        chosen: Counter[int] = Counter()
        while not self.may_end:
            if len(tokens) >= _MAX_CLOSING_TOKENS:
                self._give_up()
            forced = self.forced_tokens()
            token = forced[0] if forced else self._exit(chosen)
            self.accept(token)
            tokens.append(token)
        return tokens

    def _exit(self, chosen: Counter[int]) -> int:
        """The first exit that is allowed here; one that has led nowhere several times waits for the others."""
        mask, exits = self.mask(), self._exits
        in_string = all(mask[token] for token in exits.in_string_only)
        allowed = [token for token in (exits.of_string if in_string else exits.tokens) if mask[token]]
        if not allowed:
            return int(np.flatnonzero(mask)[0])
        token = min(allowed, key=lambda token: chosen[token] // _SAME_EXITS)
        chosen[token] += 1
        return token

    def _give_up(self) -> NoReturn:
        log.warning("a grammar was given up: %s", _first_sentence(self._matcher.get_error()))
        raise _bad(_TOO_COMPLEX)


class _Exits:
    """The tokens of one byte, in the order in which they are tried to bring an answer to its end.

    Attributes:
        tokens: what closes first, then what goes on to a missing part, then plain characters, then what opens
            or only fills.
        of_string: inside a JSON string: its end, or what fills it up to the length that it must have.
        in_string_only: two characters that may both follow inside a JSON string only.
    """

    def __init__(self, vocabulary: Sequence[bytes]) -> None:
        by_byte = {token[0]: i for i, token in enumerate(vocabulary) if len(token) == 1}
        first = b'}]",0123456789abcdefghijklmnopqrstuvwxyz'
        last = b":-+.[{\\ \n"
        between = bytes(byte for byte in range(0x21, 0x100) if byte not in first + last)
        self.tokens = [by_byte[byte] for byte in first + between + last if byte in by_byte]
        self.of_string = [by_byte[byte] for byte in b'"?a' if byte in by_byte]
        self.in_string_only = [by_byte[byte] for byte in b"a}" if byte in by_byte]


class _Vocabulary:
    """What ``llguidance.TokenizerWrapper`` wants to know of a tokenizer."""

    bos_token_id = None

    def __init__(
        self, tokens: Sequence[bytes], eos_ids: list[int], encode: Callable[[str], list[int]] | None
    ) -> None:
        self.tokens = tokens
        self.eos_token_id = eos_ids[0]
        self.special_token_ids = eos_ids
        self.trie: LLTokenizer | None = None
        self.exits = _Exits(tokens)
        self._encode = encode

    def __call__(self, text: object) -> list[int]:
        """Cut text that must follow into tokens that say exactly this text.

        A tokenizer that normalizes (NFC) may say something else, which the grammar would then refuse.
        """
        if not isinstance(text, str) or self.trie is None:
            raise TypeError("text is taken as str")  # the wrapper tries bytes first, once
        if self._encode is not None:
            ids = self._encode(text)
            if b"".join(self.tokens[i] for i in ids) == text.encode():
                return ids
        return self.trie.greedy_tokenize(text)


def _read_schema(text: str) -> str:
    """The schema as llguidance takes it: an object; ``true`` is the schema of any JSON."""
    try:
        schema = json.loads(text)
    except RecursionError as error:
        raise _bad(Phrase("it is nested too deeply", "嵌套过深")) from error
    except ValueError as error:
        raise _bad(Phrase(f"it is not JSON ({error})", f"不是 JSON（{error}）")) from error
    if schema is True:
        return "{}"
    if not isinstance(schema, dict):
        raise _bad(Phrase("a schema is a JSON object", "schema 必须是 JSON 对象"))
    return text


def _first_sentence(message: str) -> str:
    """The part of a message of llguidance's that speaks of the user's text, on one line."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    plain = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return (plain or lines or ["?"])[0][:200].rstrip(":. ")


def _bad(reason: str | Phrase) -> InputError:
    return InputError("bad_schema", reason=reason)
