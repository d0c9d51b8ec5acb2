"""``sayso serve``: the server and the processes that read, started, and ended together."""

from __future__ import annotations

import logging.config
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from sayso.errors import FieldError, MissingExtra, SaysoError
from sayso.ledger import Ledger
from sayso.web.settings import VARIABLE, Settings, is_loopback


class ServeError(SaysoError):
    """The server cannot be started as it was told to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server listens: address, port, processes that answer, certificate and its key for TLS."""

    host: str = "127.0.0.1"
    port: int = 8765
    workers: int = 1
    certificate: str | None = None
    key: str | None = None

    @property
    def url(self) -> str:
        scheme = "https" if self.certificate else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}/"


def check(place: Place, ledger: Ledger) -> None:
    """Raise ServeError where nobody could sign in on an address that others can reach, or the port is taken."""
    if not is_loopback(place.host):
        from sayso.web.accounts import any_account  # with much else that this process can do without

        if not ledger.database.read(any_account):
            raise ServeError(
                f"{place.host} can be reached from other machines, and there are no accounts yet; "
                "make one first: sayso account add NAME --role admin"
            )
    if bool(place.certificate) != bool(place.key):
        raise FieldError("--certificate", "goes with --key", "give both, or none behind a proxy that speaks TLS")
    try:
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((place.host, place.port))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ServeError(f"cannot listen on {place.host} port {place.port} ({why}); name another --port") from error


def serve(settings: Settings, place: Place, *, told: Callable[[], object] = lambda: None) -> None:
    """Serve until told to stop (SIGINT, SIGTERM); ``told`` is called when nothing speaks against it.

    Raises ServeError, LedgerError, MissingExtra."""
    # Looked for and not imported: with several processes this one only starts and ends them.
    if not all(find_spec(name) for name in ("argon2", "fastapi", "python_multipart", "uvicorn")):
        raise MissingExtra("sayso serve", "web")
    import uvicorn

    from sayso.web import logs
    from sayso.web.readers import Readers

    with Ledger(settings.ledger, cache_mb=2) as ledger:
        check(place, ledger)
        told()
        os.environ[VARIABLE] = settings.to_environment()
        # What threads have freed is given back rather than kept apart for each (glibc).
        os.environ.setdefault("MALLOC_ARENA_MAX", "2")
        logging.config.dictConfig(logs.CONFIG)
        with Readers(settings, ledger):
            uvicorn.run(
                "sayso.web.app:create_app",
                factory=True,
                host=place.host,
                port=place.port,
                workers=place.workers,
                log_config=logs.CONFIG,
                access_log=False,
                server_header=False,
                proxy_headers=True,
                forwarded_allow_ips="127.0.0.1,::1",
                timeout_keep_alive=20,
                timeout_graceful_shutdown=10,
                # A process that has not answered for so long is ended; 5 seconds are short on a busy machine.
                timeout_worker_healthcheck=60,
                ssl_certfile=place.certificate,
                ssl_keyfile=place.key,
                limit_max_requests=None,
            )
