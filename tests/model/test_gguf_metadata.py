from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jianwei.errors import InputError, ModelFileError
from jianwei.model.gguf_metadata import GgufFile, read_gguf


def write_small(path: Path) -> None:
    """A file with every type of value and several number formats."""
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(path), "qwen3vl")
    writer.add_name("小模型")
    writer.add_uint8("a.u8", 200)
    writer.add_int8("a.i8", -100)
    writer.add_uint16("a.u16", 60000)
    writer.add_int16("a.i16", -30000)
    writer.add_uint32("a.u32", 4_000_000_000)
    writer.add_int32("a.i32", -2_000_000_000)
    writer.add_uint64("a.u64", 2**63 + 5)
    writer.add_int64("a.i64", -(2**62))
    writer.add_float32("a.f32", 1e-6)
    writer.add_float64("a.f64", 0.1)
    writer.add_bool("a.yes", True)
    writer.add_bool("a.no", False)
    writer.add_token_list(["a", "", "Ġ你好", "<|im_end|>"])
    writer.add_array("a.ints", [3, 1, 2])
    writer.add_array("a.floats", [0.5, 0.25])
    writer.add_array("a.bools", [True, False, True])
    values = rng.standard_normal((4, 64), dtype=np.float32)
    writer.add_tensor("f32", values)
    writer.add_tensor("f16.4d", rng.standard_normal((2, 3, 4, 5)).astype(np.float16))
    for kind in (
        gguf.GGMLQuantizationType.Q8_0,
        gguf.GGMLQuantizationType.Q4_0,
        gguf.GGMLQuantizationType.BF16,
    ):
        writer.add_tensor(kind.name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    write_small(path)
    return path


def header(version: int = 3, tensors: int = 0, keys: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def error_of(path: Path, content: bytes) -> ModelFileError:
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read_gguf(path)
    assert caught.value.text("en") != caught.value.text("zh")
    return caught.value


def read_or_error(path: Path) -> GgufFile | ModelFileError:
    try:
        return read_gguf(path)
    except ModelFileError as error:
        return error


def test_every_value_equals_the_gguf_library(small: Path) -> None:
    ours, theirs = read_gguf(small), gguf.GGUFReader(small)
    expected = {
        name: field.contents() for name, field in theirs.fields.items() if not name.startswith("GGUF.")
    }
    assert ours.metadata == expected
    assert ours.metadata["general.name"] == "小模型"
    assert {type(v) for v in ours.metadata["a.bools"]} == {bool}
    assert {type(v) for v in ours.metadata["a.ints"]} == {int}


def test_every_tensor_equals_the_gguf_library(small: Path) -> None:
    ours, theirs = read_gguf(small), gguf.GGUFReader(small)
    assert list(ours.tensors) == [tensor.name for tensor in theirs.tensors]
    for tensor in theirs.tensors:
        info = ours.tensors[tensor.name]
        assert info.shape == tuple(reversed(tensor.shape.tolist()))
        assert (info.ggml_type, info.offset, info.n_bytes) == (
            tensor.tensor_type,
            tensor.data_offset,
            tensor.n_bytes,
        )
        assert ours.raw(tensor.name).tobytes() == tensor.data.tobytes()


def test_nested_arrays_and_version_2_are_read(tmp_path: Path) -> None:
    path = tmp_path / "nested.gguf"
    inner = struct.pack("<IQ", 4, 2) + struct.pack("<II", 7, 8)
    path.write_bytes(header(2, keys=1) + text("k") + struct.pack("<IIQ", 9, 9, 2) + inner + inner)
    assert read_gguf(path).metadata == {"k": [[7, 8], [7, 8]]}


def test_missing_file_and_folder_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_gguf(tmp_path / "nowhere.gguf")
    assert caught.value.code == "file_not_found"
    with pytest.raises(InputError) as caught:
        read_gguf(tmp_path)
    assert caught.value.code == "file_unreadable"


@pytest.mark.parametrize(
    "content", [b"", b"G", b"GGU", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04" * 100, b"\0" * 64]
)
def test_another_kind_of_file_is_called_not_gguf(tmp_path: Path, content: bytes) -> None:
    assert error_of(tmp_path / "x", content).code == "model_not_gguf"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(header(1), "model_unsupported", id="old version"),
        pytest.param(header(3 << 24), "model_unsupported", id="big-endian"),
        pytest.param(header()[:20], "model_truncated", id="cut in the counts"),
        pytest.param(header(keys=2**63), "model_truncated", id="absurd number of keys"),
        pytest.param(header(tensors=2**62), "model_truncated", id="absurd number of tensors"),
        pytest.param(
            header(keys=1) + struct.pack("<Q", 2**62), "model_truncated", id="absurd length of a key"
        ),
        pytest.param(
            header(keys=1) + text("k") + struct.pack("<I", 99), "model_truncated", id="unknown type"
        ),
        pytest.param(
            header(keys=1) + text("k") + struct.pack("<IIQ", 9, 8, 2**60),
            "model_truncated",
            id="absurd strings",
        ),
        pytest.param(
            header(keys=1) + text("k") + struct.pack("<IIQ", 9, 10, 2**60),
            "model_truncated",
            id="absurd numbers",
        ),
        pytest.param(
            header(keys=1) + text("k") + struct.pack("<IIQ", 9, 9, 2**60),
            "model_truncated",
            id="absurd arrays",
        ),
        pytest.param(
            header(keys=1) + text("k") + struct.pack("<IIQ", 9, 9, 1) + struct.pack("<IQ", 9, 1) * 100,
            "model_truncated",
            id="nested without end",
        ),
        pytest.param(
            header(keys=1) + struct.pack("<Q", 2) + b"\xff\xfe" + struct.pack("<IB", 7, 1),
            "model_truncated",
            id="key not UTF-8",
        ),
        pytest.param(
            header(keys=2) + (text("k") + struct.pack("<IB", 7, 1)) * 2, "model_truncated", id="key twice"
        ),
        pytest.param(
            header(keys=1) + text("general.alignment") + struct.pack("<II", 4, 24),
            "model_truncated",
            id="alignment",
        ),
        pytest.param(
            header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 2**60, 0, 0),
            "model_truncated",
            id="huge tensor",
        ),
        pytest.param(
            header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 8, 999, 0),
            "model_unsupported",
            id="unknown format",
        ),
        pytest.param(
            header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 33, 8, 0),
            "model_truncated",
            id="ragged rows",
        ),
        pytest.param(
            header(tensors=2) + (text("t") + struct.pack("<IQIQ", 1, 8, 0, 0)) * 2 + b"\0" * 64,
            "model_truncated",
            id="tensor twice",
        ),
        pytest.param(
            header(keys=1) + text("k") + struct.pack("<IIQ", 9, 8, 2) + text("a" * 9) + b"\0",
            "model_truncated",
            id="cut in a list of texts",
        ),
        pytest.param(
            header(tensors=1) + text("t") + struct.pack("<I", 9) + b"\1" * 99,
            "model_truncated",
            id="nine axes",
        ),
        pytest.param(
            header(tensors=1) + text("t") + struct.pack("<IQIQ", 1, 1, 0, 7) + b"\0" * 64,
            "model_truncated",
            id="not aligned",
        ),
    ],
)
def test_a_damaged_head_is_one_clear_error(tmp_path: Path, content: bytes, code: str) -> None:
    assert error_of(tmp_path / "x.gguf", content).code == code


def test_every_way_to_cut_the_file_short_is_noticed(small: Path, tmp_path: Path) -> None:
    whole = small.read_bytes()
    last = max(info.offset + info.n_bytes for info in read_gguf(small).tensors.values())
    for size in [*range(0, 1200), *range(1200, last, 97), last - 1]:
        code = error_of(tmp_path / "cut.gguf", whole[:size]).code
        assert code == ("model_truncated" if size >= 4 else "model_not_gguf"), size


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_damage_gives_an_error_or_a_file_that_lies_within_its_bounds(
    data: st.DataObject, small: Path, tmp_path: Path
) -> None:
    content = bytearray(small.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(("flip", "wide", "cut", "insert")))
        if kind == "flip":
            content[at] ^= 1 << data.draw(st.integers(0, 7))
        elif kind == "wide":
            content[at : at + 8] = data.draw(st.binary(min_size=8, max_size=8))
        elif kind == "insert":
            content[at:at] = data.draw(st.binary(min_size=1, max_size=16))
        elif len(content) > 64:
            del content[at : at + data.draw(st.integers(1, 64))]
    path = tmp_path / "damaged.gguf"
    path.write_bytes(content)
    found = read_or_error(path)
    if isinstance(found, ModelFileError):
        assert found.text("zh")
        assert found.text("en")
        return
    for name, info in found.tensors.items():
        assert 0 <= info.offset <= info.offset + info.n_bytes <= len(content)
        assert found.raw(name).size == info.n_bytes


def test_vocabulary_sized_lists_are_read_whole(tmp_path: Path) -> None:
    tokens: list[Any] = [f"token{i}" * (i % 7) for i in range(50_000)]
    writer = gguf.GGUFWriter(str(tmp_path / "v.gguf"), "qwen3vl")
    writer.add_token_list(tokens)
    writer.add_token_types(list(range(50_000)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    metadata = read_gguf(tmp_path / "v.gguf").metadata
    assert metadata["tokenizer.ggml.tokens"] == tokens
    assert metadata["tokenizer.ggml.token_type"] == list(range(50_000))
