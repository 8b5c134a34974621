"""PDF files and videos for tests: plain pages, plain scenes."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw


def pdf(*colours: str, size: tuple[int, int] = (300, 400), text: str = "") -> bytes:
    """A PDF with one page of each colour, ``size`` points large."""
    pages = [PIL.Image.new("RGB", size, colour) for colour in colours]
    for number, page in enumerate(pages, 1):
        if text:
            PIL.ImageDraw.Draw(page).text((20, 20), f"{text} {number}", "black", font_size=36)
    target = io.BytesIO()
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=72)
    return target.getvalue()


def plain_pdf(page: str = "", trailer: str = "", objects: tuple[str, ...] = ()) -> bytes:
    """A PDF written by hand: one empty page unless ``page`` says otherwise, and what ``trailer`` adds."""
    kids = page or "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>"
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        kids,
        *objects,
    ]
    data, places = b"%PDF-1.6\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + (head + tail).encode()


def locked_pdf() -> bytes:
    """A PDF that wants a password (standard security handler, revision 3; nobody knows the password)."""
    lock = f"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{'5a' * 32}> /U <{'a5' * 32}> >>"
    return plain_pdf(trailer=f"/Encrypt 4 0 R /ID [<{'00' * 16}> <{'00' * 16}>]", objects=(lock,))


def video(
    folder: Path, *colours: tuple[int, int, int], seconds: float = 2.0, size: tuple[int, int] = (320, 240)
) -> bytes:
    """An MP4 with one scene of each colour (red, green, blue), ``seconds`` long each."""
    path = folder / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, size)
    for red, green, blue in colours:
        for _ in range(int(10 * seconds)):
            writer.write(np.full((size[1], size[0], 3), (blue, green, red), np.uint8))
    writer.release()
    return path.read_bytes()
