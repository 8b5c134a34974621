"""Draw the curves of a run: ``python training/plot.py RUN`` writes ``RUN/curves.png`` from its ``log.jsonl``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

SMOOTHING = 8
"""Log rows averaged into one point."""


def main() -> None:
    """Read the log and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    folder = parser.parse_args().run
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    figure, (above, below) = plt.subplots(2, 1, figsize=(9, 9), sharex=True)
    above.plot(
        [row["step"] for row in rows], [row["loss"] for row in rows], label="loss a token of the answers"
    )
    above.set_yscale("log")
    above.legend()
    length = above.twinx()
    length.plot([row["step"] for row in rows], [row["rows"] for row in rows], color="tab:orange")
    length.set_ylabel("longest forms (rows)")
    for kind in sorted({kind for row in rows for kind in row["exact"]}):
        steps, shares = [], []
        for start in range(0, len(rows), SMOOTHING):
            group = [row for row in rows[start : start + SMOOTHING] if kind in row["exact"]]
            asked = sum(row["exact"][kind][1] for row in group)
            if asked:
                steps.append(group[-1]["step"])
                shares.append(sum(row["exact"][kind][0] for row in group) / asked)
        below.plot(steps, shares, label=kind)
    below.set_ylabel("answers right to the last token")
    below.set_xlabel("steps")
    below.set_ylim(0, 1)
    below.legend(ncol=3, fontsize=8)
    figure.tight_layout()
    figure.savefig(folder / "curves.png", dpi=110)


if __name__ == "__main__":
    main()
