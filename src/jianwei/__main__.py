"""``python -m jianwei`` is the command ``jianwei``."""

from __future__ import annotations

import sys

from jianwei.cli import main

if __name__ == "__main__":
    sys.exit(main())
