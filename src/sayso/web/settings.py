"""What a server is told when it starts. All of it can be given on the command line of ``sayso serve``."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
from dataclasses import dataclass
from typing import Any

VARIABLE = "SAYSO_SERVE"
"""The environment variable through which ``sayso serve`` hands its settings to the processes it starts."""
WORKER = "SAYSO_WORKER"
"""The one that holds the name under which a process that reads takes jobs."""

MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a server runs. Times are in seconds, sizes in bytes.

    ``ledger`` names the ledger as everywhere (None: SAYSO_LEDGER, else the default). ``local`` says that the server
    listens on loopback alone, so that without accounts the one person at the machine may do everything. ``public``
    lets everybody read without signing in, and nobody write who has not. ``networks`` are private networks (CIDR)
    from which pages may be fetched all the same.
    """

    ledger: str | None = None
    local: bool = True
    public: bool = False
    plain_http: bool = False
    hosts: tuple[str, ...] = ()
    readers: int = 1
    networks: tuple[str, ...] = ()
    max_upload: int = 10 * MB
    max_files: int = 50
    max_text: int = 2 * MB
    reading_seconds: float = 300.0
    reading_memory: int = 2_000 * MB
    max_waiting: int = 1_000
    session_days: int = 14

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings that ``sayso serve`` has left in the environment; the defaults where it has left none."""
        given: dict[str, Any] = json.loads(os.environ.get(VARIABLE) or "{}")
        fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
        return cls(**fields)

    def to_environment(self) -> str:
        """These settings as ``from_environment`` reads them."""
        return json.dumps(dataclasses.asdict(self))


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine alone."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
