"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says how busy the machine is; what must not grow is counted instead.
settings.register_profile("sayso", deadline=None)
settings.load_profile("sayso")
