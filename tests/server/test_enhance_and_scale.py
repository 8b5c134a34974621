"""``enhance`` and ``scale`` over HTTP: what reaches the engine, what comes back, and the mended picture."""

from __future__ import annotations

import io

import httpx
import numpy as np
import PIL.Image
import pytest
from server_fakes import Reply, Running

from jianwei.evidence.mend import mend
from jianwei.evidence.quality import measure
from jianwei.types import Enhanced, Evidence, Image, Measure, Scale


def dark() -> tuple[bytes, Image]:
    """A dark picture as PNG, and its pixels."""
    rng = np.random.default_rng(7)
    pixels = rng.integers(4, 18, (60, 80, 3), dtype=np.uint8)
    target = io.BytesIO()
    PIL.Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue(), Image(pixels)


def ask(client: httpx.Client, data: bytes, **fields: str) -> httpx.Response:
    return client.post(
        "/api/v1/chat", files={"image": ("dark.png", data)}, data={"query": "How wide?", **fields}
    )


def test_a_mended_picture_can_be_fetched_as_the_model_saw_it(server: Running, client: httpx.Client) -> None:
    data, image = dark()
    found = measure(image, [])
    told = Enhanced(0, found.to_dict(), ("denoise", "stretch"), "It is dark; done: spread.")
    server.engine.replies.append(Reply(["Yes."], evidence=Evidence(enhance=(told,))))
    body = ask(client, data, enhance="auto").json()
    assert server.engine.requests[-1].enhance == "auto"
    assert body["enhance"] == [
        {
            "picture": 0,
            "found": found.to_dict(),
            "did": ["denoise", "stretch"],
            "said": "It is dark; done: spread.",
        }
    ]
    response = client.get(f"/api/v1/turns/{body['turn_id']}/enhanced/0")
    assert response.headers["content-type"] == "image/jpeg"
    shown = np.asarray(PIL.Image.open(io.BytesIO(response.content)).convert("RGB"), np.float32)
    mended, _ = mend(image, found, told.did)
    assert shown.shape == mended.pixels.shape
    assert abs(shown.mean() - mended.pixels.mean()) < 4
    assert shown.mean() > 5 * image.pixels.mean()


@pytest.mark.parametrize("place", ["0/enhanced/0", "1/enhanced/0", "1/enhanced/7", "999/enhanced/0"])
def test_there_is_no_mended_picture_where_nothing_was_mended(
    server: Running, client: httpx.Client, place: str
) -> None:
    data, image = dark()
    told = Enhanced(0, measure(image, []).to_dict(), (), "The picture is good; nothing was changed.")
    server.engine.replies.append(Reply(["Yes."], evidence=Evidence(enhance=(told,))))
    assert ask(client, data, enhance="on").json()["enhance"][0]["did"] == []
    response = client.get(f"/api/v1/turns/{place}")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_lengths_come_with_their_errors(server: Running, client: httpx.Client) -> None:
    data, _ = dark()
    width = Measure("width of the region", 3.2, 0.1, (1.04, 2.0, 30.0, 40.0), 0)
    server.engine.replies.append(Reply(["3.2 cm"], evidence=Evidence(measures=(width,), scale="mm_per_px")))
    body = ask(client, data, scale="mm_per_px:0.2", region="0,0,0.5,0.5").json()
    assert server.engine.requests[-1].scale == Scale("mm_per_px", 0.2)
    assert body["scale"] == "mm_per_px"
    assert body["measures"] == [
        {
            "what": "width of the region",
            "value": 3.2,
            "error": 0.1,
            "bbox": [1.0, 2.0, 30.0, 40.0],
            "picture": 0,
        }
    ]
    server.engine.replies.append(Reply(["No scale."], evidence=Evidence(measures=())))
    refused = ask(client, data, scale="a4").json()
    assert (refused["measures"], refused["scale"]) == ([], None)


@pytest.mark.parametrize(
    ("field", "value"), [("scale", "a5"), ("scale", 'ref:"card"=0x5'), ("enhance", "maybe")]
)
def test_bad_values_are_refused_before_anything_is_asked(
    server: Running, client: httpx.Client, field: str, value: str
) -> None:
    response = ask(client, dark()[0], **{field: value})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "bad_value"
    assert not server.engine.requests
