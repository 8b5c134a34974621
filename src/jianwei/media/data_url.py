"""Pictures on their way to a server: as ``data:`` URLs, which OpenAI-compatible APIs take."""

from __future__ import annotations

import base64
import io

import PIL.Image

from jianwei.types import Pixels


def png_url(pixels: Pixels) -> str:
    """An RGB picture ``[height, width, 3]`` as a PNG in a ``data:`` URL, so that not a pixel changes on the way."""
    data = io.BytesIO()
    PIL.Image.fromarray(pixels).save(data, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode('ascii')}"
