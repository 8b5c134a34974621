"""What holds for all tests."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_picture_of_an_earlier_run() -> None:
    """Tests that load a model in this process do so without the user's caches of pictures and of KV blocks."""
    os.environ["JIANWEI_PICTURE_DISK"] = "0"
    os.environ["JIANWEI_KV_DISK"] = "0"
