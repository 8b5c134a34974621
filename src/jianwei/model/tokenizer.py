"""Text to token ids and back, from the vocabulary in a GGUF file (byte-level BPE as Qwen2 and Qwen3 use it).

Knows the vocabulary; knows neither chat templates nor sampling. Text from outside can never become a control
token: the BPE is built without them, so ``encode`` has no way to produce one, whatever the text looks like.
Control tokens are placed by id (``special``), by ``chat_template`` alone.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any, cast

from gguf.constants import TokenType
from tokenizers import AddedToken, Regex, normalizers, pre_tokenizers
from tokenizers import Tokenizer as HfTokenizer
from tokenizers.models import BPE

from jianwei.errors import ModelFileError, Phrase

# ``PRETOKENIZE_REGEX`` of ``transformers/models/qwen2/tokenization_qwen2.py``; llama.cpp calls it ``qwen2``.
# What may be merged into one token never reaches over these borders.
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen2's pre-tokenizer cuts text before the merges (``tokenizer.json`` of Qwen3-VL)."""
_END_NAMES = ("<|im_end|>", "<|endoftext|>")
"""What ends an answer beside the file's own token (``eos_token_id`` of ``generation_config.json``)."""


class StreamDecoder:
    """Turns tokens into text as they come, without ever splitting a character.

    Bytes of an unfinished character wait for the next token; malformed bytes become U+FFFD. All pieces
    together equal ``bytes.decode("utf-8", errors="replace")`` of all tokens' bytes.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, token: int) -> str:
        """The text that ``token`` completes; may be empty."""
        return self._utf8.decode(self._tokenizer.token_bytes(token))

    def flush(self) -> str:
        """What is left at the end: U+FFFD for an unfinished character, else nothing."""
        return self._utf8.decode(b"", final=True)


class Tokenizer:
    """Byte-level BPE with Qwen2's rules; make one with ``from_gguf``.

    Attributes:
        vocab_size: number of token ids (rows of the embedding).
        special: control tokens by name, ``"<|im_start|>"`` to its id.
        eos_ids: tokens that end an answer.
    """

    def __init__(
        self, tokens: list[str], token_types: list[int], merges: list[str], eos_ids: frozenset[int]
    ) -> None:
        self.vocab_size = len(tokens)
        self.special: Mapping[str, int] = {
            tokens[i]: i for i, kind in enumerate(token_types) if kind == TokenType.CONTROL
        }
        self.eos_ids = eos_ids | {self.special[name] for name in _END_NAMES if name in self.special}
        self._bytes = _bytes_of_tokens(tokens, token_types)
        self._bpe = _build_bpe(tokens, token_types, merges)

    @classmethod
    def from_gguf(cls, metadata: Mapping[str, Any], name: str = "model") -> Tokenizer:
        """Builds the tokenizer from the ``tokenizer.ggml.*`` keys of a language file.

        Args:
            metadata: key to value, lists as lists (``gguf_metadata.read_gguf``).
            name: of the file, for errors.

        Raises:
            ModelFileError: ``model_unsupported`` (another kind of tokenizer) or ``model_truncated`` (keys
                missing or at odds with each other).
        """

        def damaged(en: str, zh: str) -> ModelFileError:
            return ModelFileError("model_truncated", name=name, reason=Phrase(en, zh))

        kind = metadata.get("tokenizer.ggml.model")
        pre = metadata.get("tokenizer.ggml.pre")
        if (kind, pre) != ("gpt2", "qwen2"):
            reason = Phrase(
                f"its tokenizer is {kind}/{pre}, not gpt2/qwen2",
                f"其分词器为 {kind}/{pre}，而不是 gpt2/qwen2",
            )
            raise ModelFileError("model_unsupported", name=name, reason=reason)
        lists: list[list[Any]] = []
        for key, item in (("tokens", str), ("token_type", int), ("merges", str)):
            found = metadata.get(f"tokenizer.ggml.{key}")
            if not isinstance(found, list) or not all(type(v) is item for v in cast("list[Any]", found)):
                raise damaged(f"no usable tokenizer.ggml.{key}", f"缺少可用的 tokenizer.ggml.{key}")
            lists.append(cast("list[Any]", found))
        tokens, types, merges = lists
        if not tokens or len(tokens) != len(types):
            raise damaged("its vocabulary and token types differ in length", "词表与词元类型的长度不同")
        eos = metadata.get("tokenizer.ggml.eos_token_id")
        if type(eos) is not int or not 0 <= eos < len(tokens):
            raise damaged("no usable tokenizer.ggml.eos_token_id", "缺少可用的 tokenizer.ggml.eos_token_id")
        try:
            return cls(tokens, types, merges, frozenset({eos}))
        except Exception as error:  # ours are ValueErrors, the Rust library raises plain ones
            raise damaged("its vocabulary and merges do not fit", "词表与合并规则不匹配") from error

    def encode(self, text: str) -> list[int]:
        """Token ids of ``text``. Never a control token, also where the text looks like one."""
        return self._bpe.encode(_without_surrogates(text), add_special_tokens=False).ids

    def token_bytes(self, token: int) -> bytes:
        """The bytes that ``token`` stands for; ``b""`` for control and unused tokens."""
        return self._bytes[token]

    def all_token_bytes(self) -> list[bytes]:
        """``token_bytes`` of every id, in order; for grammar masks. Not to be changed."""
        return self._bytes

    def decode(self, tokens: list[int]) -> str:
        """The text of ``tokens``; control tokens give nothing, malformed bytes U+FFFD."""
        return b"".join(self._bytes[token] for token in tokens).decode("utf-8", errors="replace")

    def stream_decoder(self) -> StreamDecoder:
        """A decoder for one answer."""
        return StreamDecoder(self)


def _bytes_of_tokens(tokens: list[str], types: list[int]) -> list[bytes]:
    """What each token stands for; raises ``ValueError`` where the vocabulary cannot write every text."""
    from_char = _char_to_latin1()
    silent = {int(TokenType.CONTROL), int(TokenType.UNUSED), int(TokenType.UNKNOWN)}
    normal = int(TokenType.NORMAL)
    pieces = [
        text.translate(from_char).encode("latin-1")
        if kind == normal
        else b""
        if kind in silent
        else text.encode()
        for text, kind in zip(tokens, types, strict=True)
    ]
    if not {bytes([byte]) for byte in range(256)} <= set(pieces):
        raise ValueError("a byte has no token, so BPE would drop it in silence")
    return pieces


def _build_bpe(tokens: list[str], types: list[int], merges: list[str]) -> HfTokenizer:
    """The ``tokenizers`` BPE over the normal tokens, as Qwen2's ``tokenizer.json`` sets it up.

    Added tokens that the model's makers did not call special (``<think>``, ``<tool_call>``: USER_DEFINED in
    the file) are words with an id of their own, found in text as ``transformers`` and llama.cpp find them.
    """
    wanted = {int(TokenType.NORMAL), int(TokenType.USER_DEFINED)}
    words = [(text, i) for i, (text, kind) in enumerate(zip(tokens, types, strict=True)) if kind in wanted]
    vocabulary = dict(words)
    if len(vocabulary) != len(words):
        raise ValueError("two tokens are written alike")
    pairs = [cast("tuple[str, str]", tuple(merge.split(" ", 1))) for merge in merges]
    bpe: Any = HfTokenizer(BPE(vocab=vocabulary, merges=pairs))  # its stubs call the parts below read-only
    bpe.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    named = [text for text, kind in zip(tokens, types, strict=True) if kind == TokenType.USER_DEFINED]
    bpe.add_tokens([AddedToken(text, normalized=False) for text in named])
    return bpe


def _char_to_latin1() -> dict[int, str]:
    """Byte-level BPE writes a byte as a printable character (GPT-2's ``bytes_to_unicode``): the way back."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return {256 + i: chr(byte) for i, byte in enumerate(hidden)}


def _without_surrogates(text: str) -> str:
    """``text`` with half surrogates (possible in JSON) joined where they make a character, else U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
