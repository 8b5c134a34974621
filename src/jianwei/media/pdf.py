"""The pages of a PDF as pictures, through PDFium (``pypdfium2``). Forms and annotations are drawn as they print."""

from __future__ import annotations

from collections.abc import Callable

import PIL.Image
import pypdfium2
import pypdfium2.raw

from jianwei.errors import InputError

DPI = 200
"""Fine enough for print of 6 points; OCR gains little from more."""

MAX_SIDE = 2400
"""Pixels of the longer side: posters and plans are drawn coarser than ``DPI``."""

POINTS_PER_INCH = 72


class PdfPages:
    """An opened PDF.

    Args:
        data: the file.
        name: what messages call it.

    Raises:
        InputError: ``file_locked`` (it wants a password) or ``file_damaged``.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._document = pypdfium2.PdfDocument(data)
            self._document.init_forms()
            self.count = len(self._document)
        except pypdfium2.PdfiumError as error:
            locked = error.err_code in {
                pypdfium2.raw.FPDF_ERR_PASSWORD,
                pypdfium2.raw.FPDF_ERR_SECURITY,
            }
            raise InputError("file_locked" if locked else "file_damaged", name=name) from error

    def picture(self, number: int) -> tuple[PIL.Image.Image, None]:
        """Page ``number`` (from 1) over white; raises ``InputError("file_damaged")``."""
        try:
            page = self._document[number - 1]
            try:
                longer = max(page.get_size())
                scale = min(DPI / POINTS_PER_INCH, MAX_SIDE / max(longer, 1.0))
                # pypdfium2 has no annotations: from its default, 1, a checker would take the scale for an integer.
                render: Callable[..., pypdfium2.PdfBitmap] = page.render
                bitmap = render(scale=scale, rev_byteorder=True)
                return bitmap.to_pil().convert("RGB"), None
            finally:
                page.close()
        except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
            raise InputError("file_damaged", name=self._name) from error
