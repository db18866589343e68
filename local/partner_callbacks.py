"""The partner's messages to the platform: sent in order of time, again with the same id until answered."""

import heapq
import itertools
import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Condition, Thread
from typing import Any, Final

import httpx

log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 8
_TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
_FIRST_RETRY_SECONDS: Final = 0.2
_LONGEST_RETRY_SECONDS: Final = 5.0
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_STOP_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Platform:
    """Where the platform's partner API is and how the partner signs in; never printed."""

    partner_api: str
    api_key: str
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Platform({self.partner_api!r})"


@dataclass(frozen=True)
class Callback:
    """One message to the platform and how it went: the last HTTP status, None when nothing was answered.

    ``copies_left`` is how often it is sent once more, unchanged, after it was accepted.
    """

    body: dict[str, Any]
    status: int | None = None
    attempts: int = 0
    copies_left: int = 0

    @property
    def accepted(self) -> bool:
        """True when the platform answered 2xx."""
        return self.status is not None and httpx.codes.is_success(self.status)


class CallbackSender:
    """Sends callbacks from a thread of its own.

    A message is sent again, unchanged and so with its own ``event_id``, on 429, 5xx and network faults, at
    most `MAX_ATTEMPTS` times; any other answer is final. That makes a repeat harmless to a platform that
    applies an event once.
    """

    def __init__(self, platform: Platform, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._client = httpx.Client(timeout=_TIMEOUT, verify=platform.tls or True, trust_env=False)
        self._url = f"{platform.partner_api.rstrip('/')}/v1/fulfilment-events"
        self._headers = {"x-api-key": platform.api_key}
        self._due: list[tuple[float, int, Callback]] = []
        self._sequence = itertools.count()
        self._changed = Condition()
        self._ended = False
        self._done: list[Callback] = []
        self._thread = Thread(target=self._run, name="partner-callbacks", daemon=True)
        self._thread.start()

    def send(self, body: dict[str, Any], *, after_seconds: float = 0.0, copies: int = 1) -> None:
        """Sends a message after a delay, dated when it is sent first; ``copies`` times in all."""
        self._put(Callback(body, copies_left=copies - 1), after_seconds)

    def done(self) -> list[Callback]:
        """Messages answered for good, or given up."""
        with self._changed:
            return list(self._done)

    def close(self) -> None:
        """Ends the thread; what is not due yet is not sent."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join(_STOP_SECONDS)
        self._client.close()

    def _put(self, callback: Callback, after_seconds: float) -> None:
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + after_seconds, next(self._sequence), callback))
            self._changed.notify_all()

    def _next(self) -> Callback | None:
        with self._changed:
            while not self._ended:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None

    def _run(self) -> None:
        while (callback := self._next()) is not None:
            body = {"occurred_at": self._now().isoformat(), **callback.body}
            tried = replace(callback, body=body, status=self._post(body), attempts=callback.attempts + 1)
            transient = tried.status is None or tried.status == _TOO_MANY_REQUESTS or tried.status >= _SERVER_ERROR
            if transient and tried.attempts < MAX_ATTEMPTS:
                self._put(tried, min(_FIRST_RETRY_SECONDS * 2 ** (tried.attempts - 1), _LONGEST_RETRY_SECONDS))
                continue
            if not tried.accepted:
                log.warning("callback not accepted", extra={"type": tried.body["type"], "status": tried.status})
            elif tried.copies_left:
                self._put(Callback(body, copies_left=tried.copies_left - 1), 0.0)
            with self._changed:
                self._done.append(tried)

    def _post(self, body: dict[str, Any]) -> int | None:
        try:
            return self._client.post(self._url, json=body, headers=self._headers).status_code
        except httpx.HTTPError:
            return None
