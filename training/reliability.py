"""The reliability plot of the model card: of what was given a probability, the share that was right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

Point = tuple[float, bool]
"""A probability that was given, and whether what it was given to was right."""

SHOWN = {
    "attributed": "words and source of a claim",
    "nested": "claims inside claims",
    "carried-over": "sentences that go on in a voice",
    "own": "the writer's own forecasts",
    "holder": "who holds it",
    "kind": "its kind",
}
MOST = 10
LEAST = 25
"""Up to so many groups of equal size, each of at least so many claims."""
INK, GRID, BLUE = "#333333", "#dddddd", "#2b6cb0"


def groups(points: Sequence[Point]) -> list[tuple[float, float, float, float, int]]:
    """Points in order of probability, in groups of equal size: (mean given, share right, low, high, number).

    ``low`` and ``high`` are Wilson's 95% interval of the share (Wilson 1927, JASA 22: 209-212).
    """
    ordered = sorted(points, key=lambda point: point[0])  # by nothing else: many are given the same
    made = []
    for part in np.array_split(np.array(ordered, dtype=float), max(1, min(MOST, len(ordered) // LEAST))):
        n, share, z = len(part), float(part[:, 1].mean()), 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        made.append((float(part[:, 0].mean()), share, middle - half, middle + half, n))
    return made


def plot(points: Mapping[str, Sequence[Point]], path: Path) -> None:
    """Write one small plot for each probability, those of SHOWN, as one SVG."""
    import matplotlib

    matplotlib.use("svg")
    # Text stays text, in the reader's font; no random ids and no date, so that the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "sayso", "font.family": "sans-serif"})
    from matplotlib import pyplot

    names = [name for name in SHOWN if points.get(name)]
    rows = -(-len(names) // 3)
    figure, axes = pyplot.subplots(rows, 3, figsize=(8.4, 2.9 * rows), sharex=True, sharey=True, squeeze=False)
    for axis in axes.flat[len(names) :]:
        axis.set_visible(False)
    for axis, name in zip(axes.flat, names, strict=False):
        axis.plot([0, 1], [0, 1], color=GRID, linewidth=1, zorder=1)
        given, right, low, high, _ = zip(*groups(points[name]), strict=True)
        axis.vlines(given, low, high, color=BLUE, linewidth=1, alpha=0.5, zorder=2, clip_on=False)
        axis.plot(given, right, "o", color=BLUE, markersize=4.5, zorder=3, clip_on=False)
        axis.set_title(f"{SHOWN[name]} ({len(points[name]):,})", fontsize=9, color=INK)
        axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        axis.tick_params(labelsize=8, colors=INK, length=0)
        for side in axis.spines.values():
            side.set_color(GRID)
    figure.supxlabel("probability given", fontsize=9, color=INK)
    figure.supylabel("share that was right", fontsize=9, color=INK)
    figure.tight_layout()
    figure.savefig(path, facecolor="white", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
