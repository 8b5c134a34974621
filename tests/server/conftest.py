from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from server_fakes import Running, Switch, application, listening


@pytest.fixture(scope="session")
def shared_port() -> Iterator[tuple[str, Switch]]:
    switch = Switch()
    with listening(switch, lifespan="off") as url:
        yield url, switch


@pytest.fixture(scope="session")
def shared_client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def server(tmp_path: Path, shared_port: tuple[str, Switch]) -> Iterator[Running]:
    """A server with an empty store and an idle engine."""
    with application(tmp_path) as running:
        running.url, switch = shared_port
        switch.app = running.app
        yield running
        switch.app = None


@pytest.fixture
def client(server: Running, shared_client: httpx.Client) -> httpx.Client:
    """A client of ``server``."""
    shared_client.base_url = server.url
    return shared_client
