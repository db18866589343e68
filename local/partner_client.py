"""A partner of the local stack: requests of the partner API with a key, over the stack's TLS."""

import ssl
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]


class PartnerRequestError(Exception):
    """The partner API refused; the message holds its whole answer."""


class PartnerClient:
    """One key's view of the partner API."""

    def __init__(self, base_url: str, api_key: str, tls: ssl.SSLContext) -> None:
        self.api_key = api_key
        self._http = httpx.Client(
            base_url=base_url, headers={"x-api-key": api_key}, verify=tls, timeout=20, trust_env=False
        )

    def post(self, path: str, body: Json) -> Json:
        """Create something, with an Idempotency-Key of its own."""
        return self._answer(self._http.post(path, json=body, headers={"Idempotency-Key": uuid4().hex}))

    def put(self, path: str, body: Json) -> Json:
        """Set something."""
        return self._answer(self._http.put(path, json=body))

    def get(self, path: str, **query: str) -> Json:
        """Read something."""
        return self._answer(self._http.get(path, params=query))

    def items(self, path: str, **query: str) -> Iterator[Json]:
        """Every item of a list, page by page."""
        cursor: Json = {}
        while True:
            page = self.get(path, **query, **cursor)
            yield from page["items"]
            if not page["next_cursor"]:
                return
            cursor = {"cursor": page["next_cursor"]}

    def status_of(self, method: str, path: str, **headers: str) -> tuple[int, Json]:
        """The status and problem of a request that is meant to be refused."""
        answer = self._http.request(method, path, headers=headers)
        return answer.status_code, answer.json()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    @staticmethod
    def _answer(response: httpx.Response) -> Json:
        if response.is_error:
            request = response.request
            raise PartnerRequestError(
                f"{request.method} {request.url.path} answered {response.status_code}: {response.text}"
            )
        answer: Json = response.json()
        return answer
