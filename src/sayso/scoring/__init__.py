"""How right they were: proper scores, calibration, and records that do not take luck for skill.

A pure core: arrays in, figures out; no store, no clock. ``sayso.ledger`` feeds it.

- ``brier_score``, ``log_score``, ``decompose``: proper scores of probabilities and what they are made of.
- ``calibration``, ``share``: how often what was called likely came true; shares with Jeffreys intervals.
- ``Forecasts``, ``Crowd``, ``score``, ``skill``: every holder's figures, shrunk toward the crowd.
"""

from sayso.scoring.forecasts import BaseRates, Forecasts
from sayso.scoring.records import Crowd, Scores, score, skill
from sayso.scoring.rules import LOG_CLIP, Decomposition, brier_score, decompose, log_score
from sayso.scoring.shares import LEVEL, Bin, Share, calibration, share

__all__ = [
    "LEVEL",
    "LOG_CLIP",
    "BaseRates",
    "Bin",
    "Crowd",
    "Decomposition",
    "Forecasts",
    "Scores",
    "Share",
    "brier_score",
    "calibration",
    "decompose",
    "log_score",
    "score",
    "share",
    "skill",
]
