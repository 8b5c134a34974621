"""Fetches pictures from addresses that a user named, without lending out the server's place in the network.

Only http and https; only public addresses, checked after the name is resolved and connected to as checked, so
that a second look-up cannot give another answer (DNS rebinding); redirects are followed by hand and checked
again; time, size and content type are limited. Proxies of the environment are not used: what they can reach,
we cannot check.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import unquote, urljoin, urlsplit

import httpx

from jianwei.errors import InputError, Phrase

MAX_REDIRECTS = 4
FETCH_SECONDS = 20.0
KINDS = ("image/", "application/pdf", "video/")
"""How the media types of what is fetched begin."""


Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

NOT_PUBLIC = Phrase("it is not a public address", "不是公网地址")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052): what counts is the address inside."""


def is_public(text: str) -> bool:
    """Whether ``text`` is an IP address on the open internet, not of this machine or its network."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            address = (
                address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
            )
    return address.is_global and not address.is_multicast


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system resolves it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class PictureFetcher:
    """Fetches pictures over http(s).

    Args:
        max_bytes: of one picture.
        timeout: seconds for everything, redirects included.
        resolve, allowed: how names become addresses, and which of those may be connected to.
    """

    def __init__(
        self,
        max_bytes: int,
        timeout: float = FETCH_SECONDS,
        resolve: Resolve = resolve,
        allowed: Callable[[str], bool] = is_public,
    ) -> None:
        self._max_bytes = max_bytes
        self._timeout = timeout
        self._resolve = resolve
        self._allowed = allowed

    async def fetch(self, url: str) -> tuple[bytes, str]:
        """The bytes at ``url`` and the name it gives them; raises ``InputError("url_failed")``."""
        try:
            return await asyncio.wait_for(self._follow(url), self._timeout)
        except asyncio.TimeoutError as cause:
            reason = Phrase(f"no picture within {self._timeout:g} s", f"{self._timeout:g} 秒内未取得图片")
            raise InputError("url_failed", reason=reason) from cause
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as cause:
            reason = Phrase("it cannot be reached", "无法连接")
            raise InputError("url_failed", reason=reason) from cause

    async def _follow(self, url: str) -> tuple[bytes, str]:
        # identity: a compressed body could be a thousand times as large as what is counted.
        headers = {
            "Accept": ", ".join(f"{kind}*" for kind in KINDS),
            "Accept-Encoding": "identity",
            "User-Agent": "jianwei",
        }
        async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=self._timeout) as client:
            for _ in range(MAX_REDIRECTS + 1):
                target, extensions = await self._checked(url)
                async with client.stream(
                    "GET", target, headers=extensions[0], extensions=extensions[1]
                ) as answer:
                    if not answer.is_redirect:
                        return await self._read(answer), unquote(urlsplit(url).path.rsplit("/", 1)[-1])
                    url = urljoin(url, answer.headers["location"])
        reason = Phrase("it redirects too often", "重定向次数过多")
        raise InputError("url_failed", reason=reason)

    async def _checked(self, url: str) -> tuple[httpx.URL, tuple[dict[str, str], dict[str, str]]]:
        """``url`` with its name replaced by a checked address, and what keeps the name for Host and TLS."""
        parts = httpx.URL(url)
        if parts.scheme not in {"http", "https"} or not parts.host or parts.userinfo:
            reason = Phrase(
                "only plain http and https addresses are fetched", "仅支持不含用户名的 http 和 https 网址"
            )
            raise InputError("url_failed", reason=reason)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = await self._resolve(parts.host, port) if port < 2**16 else []
        # One bad address is enough: a name that also points inside is no honest name.
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise InputError("url_failed", reason=NOT_PUBLIC)
        return parts.copy_with(host=addresses[0]), (
            {"Host": parts.netloc.decode("ascii")},
            {"sni_hostname": parts.raw_host.decode("ascii")},
        )

    async def _read(self, answer: httpx.Response) -> bytes:
        if answer.status_code != 200:
            reason = Phrase(f"the answer is HTTP {answer.status_code}", f"返回 HTTP {answer.status_code}")
            raise InputError("url_failed", reason=reason)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not kind.startswith(KINDS) or answer.headers.get("content-encoding", "identity") != "identity":
            raise InputError("url_failed", reason=Phrase("there is no picture", "该网址不是图片"))
        data = bytearray()
        async for chunk in answer.aiter_raw():
            data += chunk
            if len(data) > self._max_bytes:
                limit = f"{self._max_bytes >> 20} MB"
                reason = Phrase(f"it is larger than {limit}", f"超过 {limit}")
                raise InputError("url_failed", reason=reason)
        return bytes(data)
