"""The system's Chromium under playwright, as the page's tests use it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

PATIENCE = 30_000
"""Milliseconds for what a page is expected to show: how busy the machine is must not decide a test."""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; pages of it see nothing of each other."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def file(name: str, data: bytes, kind: str = "image/png") -> FilePayload:
    """A file as it is chosen on the page."""
    return {"name": name, "mimeType": kind, "buffer": data}
