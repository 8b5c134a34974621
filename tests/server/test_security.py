from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from server_fakes import Running, picture, serving

from jianwei.config import Settings
from jianwei.errors import RequestError
from jianwei.server.security import host_of, may_listen


def post(server: Running, headers: dict[str, str]) -> httpx.Response:
    files = {"image": ("a.png", picture())}
    return httpx.post(
        server.url + "/api/v1/chat", files=files, data={"query": "q"}, headers=headers, trust_env=False
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:5000", "[::1]:80", "localhost."])
def test_names_of_this_machine_are_answered(server: Running, host: str) -> None:
    assert post(server, {"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.7",
        "a@localhost",
        "",
        "x y",
    ],
)
def test_other_names_are_refused_against_rebinding(server: Running, host: str) -> None:
    response = post(server, {"Host": host})
    assert response.status_code in {400, 403}
    assert not server.engine.requests


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "file://"])
def test_other_origins_are_refused(server: Running, origin: str) -> None:
    response = post(server, {"Origin": origin})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "forbidden_host"
    assert "access-control-allow-origin" not in response.headers


def test_the_own_page_may_ask(server: Running) -> None:
    assert post(server, {"Origin": server.url}).status_code == 200


def test_a_preflight_gets_no_permission(server: Running) -> None:
    response = httpx.options(
        server.url + "/api/v1/chat",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        trust_env=False,
    )
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_further_names_can_be_allowed(tmp_path: Path) -> None:
    with serving(tmp_path, allow_host=("vision.lan",)) as server:
        assert post(server, {"Host": "vision.lan", "Origin": "https://vision.lan"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/conversations", "/v1/models", "/metrics", "/api/v1/model", "/nowhere"]
)
def test_everything_of_anybodys_wants_the_key(tmp_path: Path, path: str) -> None:
    with serving(tmp_path, api_key="geheim-密钥") as server:
        for value in ("", "Bearer", "Bearer wrong", "Basic geheim", "Bearer geheim"):
            response = httpx.get(server.url + path, headers={"Authorization": value}, trust_env=False)
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["error"]["code"] == "unauthorized"
        key = httpx.Headers([(b"Authorization", "Bearer geheim-密钥".encode())])
        assert httpx.get(server.url + path, headers=key, trust_env=False).status_code in {200, 404}


@pytest.mark.parametrize("path", ["/", "/healthz", "/docs", "/openapi.json", "/static/icon.svg"])
def test_the_page_itself_and_health_need_no_key(tmp_path: Path, path: str) -> None:
    with serving(tmp_path, api_key="k") as server:
        assert httpx.get(server.url + path, trust_env=False).status_code == 200


def test_static_paths_lead_nowhere_else(tmp_path: Path) -> None:
    with (
        serving(tmp_path, api_key="k") as server,
        httpx.Client(base_url=server.url, trust_env=False) as client,
    ):
        for path in ("/static/../store.py", "/static/%2e%2e/store.py", "/static/..%2f..%2fconfig.py"):
            assert client.get(path).status_code in {401, 404}


def test_responses_carry_the_headers_that_bind_a_browser(client: httpx.Client) -> None:
    for path in ("/", "/docs", "/api/v1/conversations", "/nowhere"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_no_key_is_needed(tmp_path: Path, host: str) -> None:
    may_listen(Settings(home=tmp_path, host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.2", "::", "example.org"])
def test_beyond_loopback_a_key_is_needed(tmp_path: Path, host: str) -> None:
    with pytest.raises(RequestError) as caught:
        may_listen(Settings(home=tmp_path, host=host))
    assert caught.value.code == "insecure_host"
    assert "--api-key" in caught.value.fix("en")
    may_listen(Settings(home=tmp_path, host=host, api_key="k"))
    may_listen(Settings(home=tmp_path, host=host, insecure=True))


def test_on_all_addresses_any_address_is_answered_but_no_foreign_name(tmp_path: Path) -> None:
    with serving(tmp_path, host="0.0.0.0", insecure=True) as server:
        assert post(server, {"Host": "192.168.1.7:5000"}).status_code == 200
        assert post(server, {"Host": socket.gethostname()}).status_code == 200
        assert post(server, {"Host": "evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("a.b:1", "a.b"),
        ("[::1]:5", "::1"),
        ("A", "a"),
        ("a:b", None),
        ("a/b", None),
        ("u@a", None),
        ("", None),
    ],
)
def test_a_host_header_is_read_strictly(authority: str, host: str | None) -> None:
    assert host_of(authority) == host
