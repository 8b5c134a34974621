"""One file over one HTTP connection: what is missing of it, added to what is there, with its hash.

Knows nothing of models or sources; ``download`` decides where from, and what to do when it fails.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import httpx

from jianwei.errors import Phrase
from jianwei.hub.catalogue import ModelFile

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""No byte for so long counts as a broken connection."""
CHUNK = 2**20
"""Bytes between two reports of progress."""

_OTHER_SIZE = Phrase("its size there is not the expected one", "该来源的文件大小与预期不符")


class TransferError(Exception):
    """A file could not be fetched whole from an address.

    Attributes:
        reason: for people.
        final: asking there again is of no use.
        received: bytes that this connection brought.
    """

    def __init__(self, reason: Phrase, *, final: bool = False, received: int = 0) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.final = final
        self.received = received


class PartialFile:
    """A file that grows, and the hash of what is in it. What an earlier run left is read once, when opened.

    Args:
        path: the part; made if there is none.
        expected: what it is to become.
        checking: told how many bytes have been read of what is there.
    """

    def __init__(self, path: Path, expected: ModelFile, checking: Callable[[int], None]) -> None:
        self._expected = expected
        self._hash = hashlib.sha256()
        self._stream = path.open("ab+")
        self.size = 0
        try:
            if path.stat().st_size > expected.size:
                self.restart()
            self._stream.seek(0)
            while chunk := self._stream.read(CHUNK):
                self._hash.update(chunk)
                self.size += len(chunk)
                checking(self.size)
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> PartialFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, chunk: bytes) -> None:
        """Add bytes.

        Raises:
            TransferError: the file would grow beyond its size.
        """
        if self.size + len(chunk) > self._expected.size:
            raise TransferError(_OTHER_SIZE, final=True)
        self._stream.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Throw away what is there."""
        self._stream.truncate(0)
        self._hash = hashlib.sha256()
        self.size = 0

    def verify(self) -> bool:
        """Put everything on the disk and say whether it is the expected file."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return self.size == self._expected.size and self._hash.hexdigest() == self._expected.sha256


def open_client() -> httpx.Client:
    """An HTTP client that follows redirects and takes proxies from the environment.

    Raises:
        TransferError: the proxy named there cannot be used.
    """
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    try:
        return httpx.Client(follow_redirects=True, timeout=timeout, headers={"User-Agent": "jianwei"})
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        reason = Phrase("the proxy named in the environment cannot be used", "环境变量中的代理设置无法使用")
        raise TransferError(reason, final=True) from error


def fetch_rest(
    client: httpx.Client, url: str, expected: ModelFile, part: PartialFile, arrived: Callable[[int], None]
) -> None:
    """Add to ``part`` what is missing of the file at ``url``; where the server cannot resume, from the start.

    Args:
        client: from ``open_client``.
        url: an http(s) address; it may redirect.
        expected: what the file is to be; the server's own idea of its size is compared at once.
        part: what is there.
        arrived: told the size of ``part`` now and then.

    Raises:
        TransferError: the connection failed or ended early, or there is another file or none.
    """
    start = part.size
    # identity: a compressed transfer could not be resumed, nor its length compared.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    try:
        with client.stream("GET", url, headers=headers) as response:
            _check_status(response)
            if response.status_code == 206:
                _check_range(response, start, expected.size)
            else:
                _check_length(response, expected.size)
                part.restart()
                start = 0
            told = start
            for chunk in response.iter_raw():
                part.write(chunk)
                if part.size - told >= CHUNK or part.size == expected.size:
                    told = part.size
                    arrived(told)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise TransferError(Phrase("its address is not valid", "网址无效"), final=True) from error
    except httpx.HTTPError as error:
        raise TransferError(_reason(error), received=max(0, part.size - start)) from error
    if part.size != expected.size:
        reason = Phrase("the connection ended early", "连接提前断开")
        raise TransferError(reason, received=max(0, part.size - start))


def _check_status(response: httpx.Response) -> None:
    code, host = response.status_code, response.url.host
    if code in (200, 206):
        return
    if code == 404:
        reason = Phrase(f"{host} does not have it (HTTP 404)", f"{host} 上没有该文件（HTTP 404）")
        raise TransferError(reason, final=True)
    passing = code in (408, 425, 429) or code >= 500
    raise TransferError(Phrase(f"{host} answered HTTP {code}", f"{host} 返回 HTTP {code}"), final=not passing)


def _check_length(response: httpx.Response, size: int) -> None:
    """A source whose file has another size has another file: better known before a gigabyte than after."""
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) != size:
        raise TransferError(_OTHER_SIZE, final=True)


def _check_range(response: httpx.Response, start: int, size: int) -> None:
    # RFC 9110, 14.4: bytes first-last/complete, where complete may be an asterisk.
    unit, _, value = response.headers.get("Content-Range", "").partition(" ")
    span, _, complete = value.partition("/")
    first = span.partition("-")[0]
    if unit != "bytes" or first != str(start) or complete not in (str(size), "*"):
        raise TransferError(_OTHER_SIZE, final=True)


def _reason(error: httpx.HTTPError) -> Phrase:
    """What a failed connection is called before people."""
    try:
        host = error.request.url.host
    except RuntimeError:  # it failed before there was a request
        host = "?"
    if isinstance(error, httpx.ProxyError):
        return Phrase("the proxy refused the connection", "代理拒绝连接")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Phrase(f"the certificate of {host} is not trusted", f"不信任 {host} 的证书")
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout)):
        return Phrase(f"{host} cannot be reached", f"无法连接 {host}")
    if isinstance(error, httpx.TimeoutException):
        return Phrase(f"{host} stopped sending", f"{host} 停止发送数据")
    if isinstance(error, httpx.TransportError):
        return Phrase("the connection broke off", "连接中断")
    return Phrase(f"{host} answered in an unusable way", f"{host} 的响应无法使用")
