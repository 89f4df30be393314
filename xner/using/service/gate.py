"""What a service does about clients that are too many, too slow or gone; needs the extra `serve`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """What a service puts up with.

    Args:
        requests: texts of so many requests are tagged or wait for it; more are refused.
        connections: so many clients are connected; more are refused.
        head_seconds: from the connection, or the first byte of another request on it, to the end of its head.
        body_seconds: from there to the end of its body.
        seconds: from there to the end of the answer.
    """

    requests: int = 32
    connections: int = 256
    head_seconds: float = 10
    body_seconds: float = 30
    seconds: float = 300


class Gate:
    """ASGI middleware: lets so many requests at a time through to one path, each for so long.

    Args:
        app: the application.
        path: of the requests that cost something; all others go through.
        limits: how many, and how long.
    """

    def __init__(self, app: Application, path: str, limits: Limits) -> None:
        self.app, self.path, self.limits = app, path, limits
        self._inside = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before its body is read."""
        if scope["type"] != "http" or scope["path"] != self.path:
            await self.app(scope, receive, send)
        elif self._inside >= self.limits.requests:
            await _refuse(send, 503, f"{self._inside} requests wait already; try again later")
        else:
            self._inside += 1
            try:
                await self._timed(scope, receive, send)
            finally:
                self._inside -= 1

    async def _timed(self, scope: Message, receive: Receive, send: Send) -> None:
        whole, begun, loop = False, False, asyncio.get_running_loop()

        async def receive_in_time() -> Message:
            nonlocal whole
            message = await receive()
            if not whole and not message.get("more_body"):
                whole = True
                timeout.reschedule(loop.time() + self.limits.seconds)
            return message

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self.limits.body_seconds) as timeout:
                await self.app(scope, receive_in_time, send_noted)
        except TimeoutError:
            if begun:
                raise  # the server closes the connection
            if whole:
                await _refuse(send, 503, f"not answered within {self.limits.seconds:g} s; send less, or try later")
            else:
                await _refuse(send, 408, f"the request was not whole within {self.limits.body_seconds:g} s")


def impatient(head_seconds: float) -> type["H11Protocol"]:
    """Return uvicorn's HTTP protocol, but it closes connections on which no request begins.

    uvicorn itself waits forever for the head of a request.

    Args:
        head_seconds: how long it waits for the end of a request's head.
    """
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Impatient(H11Protocol):
        """Waits for the head of a request for a limited time only."""

        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop()
            elif self._timer is None:  # uvicorn waits for the first byte of a next request, but not for its last
                self._wait()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._timer = self.loop.call_later(head_seconds, self.transport.abort)

        def _stop(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Impatient


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"detail": why}).encode()
    size = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", size), (b"connection", b"close")]
    if status == 503:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
