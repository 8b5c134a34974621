"""Reads the body of a form (multipart or urlencoded) as it arrives; stops at the first thing out of bounds.

Files go to a spooled temporary file, so that a request holds little memory however many pictures it brings. A
field that does not exist, or comes twice, ends the reading at once: nobody uploads 50 MB to learn of a typing
error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import Request

from jianwei.errors import InputError, Phrase
from jianwei.media.image import display_name
from jianwei.server.problems import MAX_QUOTED, bad_value

MAX_TEXT_BYTES = 2**20
"""Bytes of one field of text: far more than any model's context."""

SPOOL_BYTES = 2**20
"""Bytes of a file that are kept in memory; more goes to a temporary file."""

HEAD_BYTES = 4096
"""Bytes of a file that are looked at to tell its format."""


@dataclass
class Upload:
    """One file of a request.

    Attributes:
        name: what the client called it: shown, never used as a path.
        file: its bytes, at position 0.
        size: bytes.
        digest: SHA-256 (hex) of the bytes.
    """

    name: str
    file: IO[bytes]
    size: int
    digest: str

    def head(self) -> bytes:
        """Its first bytes, enough to tell a format."""
        self.file.seek(0)
        return self.file.read(HEAD_BYTES)

    def read(self) -> bytes:
        """All its bytes."""
        self.file.seek(0)
        return self.file.read()

    @classmethod
    def of(cls, data: bytes, name: str) -> Upload:
        """An upload of bytes that are already in memory."""
        file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115  closed by its Form
        file.write(data)
        return cls(name, cast(IO[bytes], file), len(data), hashlib.sha256(data).hexdigest())


@dataclass
class Form:
    """What a form held: texts by name, files in order. Closes its files when left as a context."""

    texts: dict[str, str] = field(default_factory=dict[str, str])
    files: list[Upload] = field(default_factory=list[Upload])

    def __enter__(self) -> Form:
        """Use as ``with await read_form(...) as form``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary files."""
        for upload in self.files:
            upload.file.close()


@dataclass(frozen=True)
class FormLimits:
    """What a form may hold.

    Attributes:
        text_fields: names of the fields of text; each may come once.
        file_field: name of the field of files.
        max_files: so many of them.
        max_file_bytes: bytes of each.
    """

    text_fields: Collection[str]
    file_field: str
    max_files: int
    max_file_bytes: int

    @property
    def known(self) -> str:
        """All names, for a person who used another one."""
        return ", ".join([self.file_field, *self.text_fields])

    def check(self, name: str, form: Form) -> None:
        """Raise for a name that does not exist or came before."""
        if name == self.file_field:
            if len(form.files) >= self.max_files:
                raise InputError("too_many_pictures", got=f"> {self.max_files}", limit=self.max_files)
        elif name not in self.text_fields:
            raise InputError("unknown_field", name=name[:MAX_QUOTED], known=self.known)
        elif name in form.texts:
            raise bad_value(name, form.texts[name], Phrase("it was given twice", "重复出现"))


async def read_form(request: Request, limits: FormLimits) -> Form:
    """Read the form that ``request`` carries.

    Raises:
        InputError: ``bad_request``, ``unknown_field``, ``bad_value``, ``too_many_pictures`` or
        ``picture_too_large``.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data" and options.get(b"boundary"):
        form = Form()
        try:
            await _Multipart(form, limits).read(request, options[b"boundary"])
        except BaseException:
            form.__exit__()
            raise
        return form
    if kind == b"application/x-www-form-urlencoded":
        return await _read_urlencoded(request, limits)
    reason = Phrase("it must be a form (multipart/form-data)", "应为表单（multipart/form-data）")
    raise InputError("bad_request", reason=reason)


async def _read_urlencoded(request: Request, limits: FormLimits) -> Form:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_TEXT_BYTES:
            raise InputError(
                "bad_request", reason=Phrase("a form without files is too long", "不含文件的表单过长")
            )
    form = Form()
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=4 * len(limits.text_fields)
        )
    except ValueError as cause:
        raise InputError("bad_request", reason=Phrase("the form is malformed", "表单格式有误")) from cause
    for name, value in pairs:
        limits.check(name, form)
        if name == limits.file_field:
            raise InputError(
                "bad_request",
                reason=Phrase("a file needs multipart/form-data", "文件须用 multipart/form-data 发送"),
            )
        form.texts[name] = value
    return form


class _Multipart:
    """The callbacks of python-multipart's push parser, with one part in hand at a time."""

    def __init__(self, form: Form, limits: FormLimits) -> None:
        self._form = form
        self._limits = limits
        self._ended = False
        self._begin_part()

    async def read(self, request: Request, boundary: bytes) -> None:
        try:
            parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._on_header_name,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_data,
                    "on_part_data": self._on_data,
                    "on_part_end": self._end_part,
                    "on_end": self._on_end,
                },
            )
            async for chunk in request.stream():
                parser.write(chunk)
            parser.finalize()
        except FormParserError as cause:
            raise InputError("bad_request", reason=Phrase("the form is malformed", "表单格式有误")) from cause
        finally:
            if self._file is not None:
                self._file.close()
        if not self._ended:
            raise InputError("bad_request", reason=Phrase("the form was cut off", "表单不完整"))

    def _begin_part(self) -> None:
        self._header_name = b""
        self._header_value = b""
        self._name: str | None = None
        self._file_name = ""
        self._file: IO[bytes] | None = None
        self._text = bytearray()
        self._size = 0
        self._hash = hashlib.sha256()

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            kind, options = parse_options_header(self._header_value)
            if kind == b"form-data" and b"name" in options:
                self._name = options[b"name"].decode("utf-8", "replace")
                self._file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        self._header_name = self._header_value = b""

    def _begin_data(self) -> None:
        if self._name is None:
            raise InputError(
                "bad_request", reason=Phrase("a part of the form has no name", "表单中有一项没有名称")
            )
        self._limits.check(self._name, self._form)
        if self._name == self._limits.file_field:
            file: Any = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115  closed by its Form
            self._file = file

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        piece = memoryview(data)[start:end]
        if self._file is None:
            if self._size > MAX_TEXT_BYTES:
                reason = Phrase(
                    f"more than {MAX_TEXT_BYTES >> 20} MB of text", f"文本超过 {MAX_TEXT_BYTES >> 20} MB"
                )
                raise bad_value(self._name or "", "…", reason)
            self._text += piece
            return
        if self._size > self._limits.max_file_bytes:
            limit = f"{self._limits.max_file_bytes >> 20} MB"
            got = Phrase(f"over {limit}", f"超过 {limit}")
            raise InputError("picture_too_large", name=display_name(self._file_name), got=got, limit=limit)
        self._file.write(piece)
        self._hash.update(piece)

    def _end_part(self) -> None:
        assert self._name is not None
        if self._file is not None:
            upload = Upload(display_name(self._file_name), self._file, self._size, self._hash.hexdigest())
            self._form.files.append(upload)
            self._file = None
            return
        try:
            self._form.texts[self._name] = self._text.decode()
        except UnicodeDecodeError as cause:
            raise bad_value(self._name, "…", Phrase("it is not UTF-8", "不是 UTF-8 编码")) from cause

    def _on_end(self) -> None:
        self._ended = True
