"""Students behind HTTP: texts come in as JSON, entities go out, and a page to try them with. Needs the extra `serve`.

It also answers what Label Studio asks of a machine-learning backend.
"""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from xner.errors import DataError, UsageError, XnerError, require
from xner.machine.stopping import TerminatedError
from xner.using.predicting import Entity, Predictor
from xner.using.service.gate import Gate, Limits, impatient
from xner.using.service.label_studio import Interface, Predictions, Setup, Version, Versions, answer, texts_of
from xner.using.service.messages import CHARACTERS, FORMS, TEXTS, Asked, Found, Health, Refused, Served, Texts
from xner.using.service.page import page

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

LIMITS = Limits()
"""What the service puts up with unless something else is said."""
_PATH = "/predict"
_WHY = {400: "no text in UTF-8", 408: "not whole in time", 413: "too large", 503: "too many wait, or too long"}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Refused, "description": why} for status, why in _WHY.items()
}
_PIECE = CHARACTERS
"""Texts of so many characters are tagged in one go; then it is the next request's turn."""
_BODY = TEXTS * CHARACTERS * 12 + 2**16  # bytes; JSON may spend two escapes, such as \ud83d\ude00, on a character
_MISTAKES = 10
"""How many mistakes of one request are reported."""


def check() -> None:
    """Check that the extra `serve` is installed, before anything is computed.

    Raises:
        XnerError: it is not; the message says how to install it.
    """
    for library in ("fastapi", "uvicorn"):
        require("serve", library)


def named(runs: Sequence[Path]) -> list[str]:
    """Return what runs are called: the last two parts of their paths, or as many more as tell them apart.

    Args:
        runs: their folders.

    Raises:
        UsageError: one is given twice.
    """
    paths = [run.resolve().parts for run in runs]
    if twice := [str(run) for run, path in zip(runs, paths, strict=True) if paths.count(path) > 1]:
        raise UsageError(f"{twice[0]}: this run is given twice; each of those side by side must be another")
    deepest = max(2, *map(len, paths))
    names = (["/".join(path[-parts:]) for path in paths] for parts in range(2, deepest + 1))
    return next(said for said in names if len({*said}) == len(said))


def application(runs: Mapping[str, Predictor], limits: Limits = LIMITS) -> "FastAPI":
    """Return the service as an ASGI application; one text is tagged at a time, and long requests take turns.

    Args:
        runs: the students, see `xner.load`, by what they are called; the first answers unless another one is asked.
        limits: of requests that wait, and of their time.

    Raises:
        XnerError: the extra `serve` is not installed.
    """
    check()
    from fastapi import FastAPI

    app = FastAPI(title=", ".join(runs), version=version("xner"), redoc_url=None, max_body_size=_BODY)
    _add_answers(app, runs)
    _add_connection(app, next(iter(runs)))
    _add_page(app, runs)
    _add_refusal(app)
    app.add_middleware(Gate, path=_PATH, limits=limits)
    return app


class _Turns:
    """Tags one text at a time: two at once would only share the processors.

    Args:
        runs: the students by what they are called.
    """

    def __init__(self, runs: Mapping[str, Predictor]) -> None:
        self.runs, self.turns = runs, ThreadPoolExecutor(1, "xner")

    async def entities(self, run: str, texts: list[str], request: "Request") -> list[list[Entity]]:
        """Return the entities of each text; none if nobody is there to read them.

        Args:
            run: whose.
            texts: of one request.
            request: it.
        """
        found, loop = list[list[Entity]](), asyncio.get_running_loop()
        for piece in _pieces(texts):
            if await request.is_disconnected():
                return [[] for _ in texts]
            found += await loop.run_in_executor(self.turns, self.runs[run].predict, piece)
        return found


def _add_answers(app: "FastAPI", runs: Mapping[str, Predictor]) -> None:
    from fastapi import Request

    turns, first = _Turns(runs), next(iter(runs))

    @app.post(_PATH, responses=_REFUSALS)
    async def predict(asked: Asked, request: Request) -> list[Found] | Predictions:
        """Find the entities in each text: type, text, character offsets and score; or in each task of Label Studio."""
        if isinstance(asked, Texts):
            if (run := asked.run or first) not in runs:
                raise DataError(f"run: there is no '{run:.80}' here; it must be one of: {', '.join(runs)}")
            both = zip(asked.texts, await turns.entities(run, asked.texts, request), strict=True)
            return [Found(text=text, entities=found) for text, found in both]
        interface = Interface.read(asked.label_config)
        texts = texts_of(asked.tasks, interface, CHARACTERS)
        run = wanted if (wanted := asked.model_version or "") in runs else first
        return answer(texts, await turns.entities(run, texts, request), interface, run)

    types = {run: predictor.tagger.labels.types for run, predictor in runs.items()}
    served = tuple(Served(run=run, types=found) for run, found in types.items())

    @app.get("/health")
    async def health() -> Health:
        """Answer at once, also while texts are being tagged."""
        return Health(title=first, types=types[first], runs=served)


def _add_connection(app: "FastAPI", first: str) -> None:
    @app.post("/setup", responses={status: _REFUSALS[status] for status in (400, 413)})
    async def setup(asked: Setup) -> Version:
        """Look at the labelling interface of a project of Label Studio, and say which model answers."""
        Interface.read(asked.label_config)
        return Version(model_version=first)

    @app.get("/versions")
    async def versions() -> Versions:
        """Say which model answers Label Studio."""
        return Versions(versions=[first])


def _add_page(app: "FastAPI", runs: Mapping[str, Predictor]) -> None:
    from fastapi.responses import HTMLResponse

    shown, policy = page({run: predictor.tagger.labels.types for run, predictor in runs.items()})

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def home() -> HTMLResponse:
        return HTMLResponse(shown, headers={"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"})


def _pieces(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the texts of a request in parts of at least one text, and otherwise of at most `_PIECE` characters."""
    piece, size = list[str](), 0
    for text in texts:
        if piece and size + len(text) > _PIECE:
            yield piece
            piece, size = [], 0
        piece.append(text)
        size += len(text)
    if piece:
        yield piece


def _add_refusal(app: "FastAPI") -> None:
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse

    @app.exception_handler(RequestValidationError)
    async def refuse(request: Request, error: RequestValidationError) -> JSONResponse:
        """Report what does not fit; FastAPI's own answer repeats the whole text."""
        mistakes = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()[:_MISTAKES]]
        for mistake in mistakes:  # which form it was taken for is no place in the body
            mistake["loc"] = [part for place, part in enumerate(mistake["loc"]) if place != 1 or part not in FORMS]
        return JSONResponse({"detail": mistakes}, status_code=422)

    @app.exception_handler(DataError)
    async def misfit(request: Request, error: DataError) -> JSONResponse:
        """Report a labelling interface that does not fit."""
        return JSONResponse({"detail": [{"loc": ["body"], "msg": str(error), "type": "value_error"}]}, status_code=422)


def listen(host: str, port: int) -> socket.socket:
    """Take a port; clients that connect from now on wait for `run`.

    Args:
        host: an address of this machine, or its name.
        port: the port; 0: one that is free.

    Raises:
        XnerError: it is taken, there is no such address, or the extra `serve` is not installed.
    """
    check()
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]  # Python repeats the address
        raise XnerError(f"cannot listen on {host}:{port}: {why}; choose another --port or --host") from error


def address(listener: socket.socket) -> str:
    """Return the URL of what listens there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: "FastAPI", listener: socket.socket, limits: Limits = LIMITS) -> None:
    """Answer requests until Ctrl-C; those already received are still answered, unless it is pressed again.

    Args:
        app: what `application` returned.
        listener: what `listen` returned.
        limits: of connections, and of the time that a request takes to begin.
    """
    import uvicorn

    class Server(uvicorn.Server):
        """uvicorn, but whoever asks for the end a second time need not wait, and is shown no traceback."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if self.should_exit:
                os._exit(128 + sig)  # a thread that runs the model cannot be ended otherwise; nothing is lost
            super().handle_exit(sig, frame)

    with suppress(KeyboardInterrupt, TerminatedError):  # uvicorn raises it once it has ended
        protocol = impatient(limits.head_seconds)
        most = limits.connections + 1  # uvicorn refuses whoever makes it so many
        Server(uvicorn.Config(app, log_level="warning", http=protocol, limit_concurrency=most)).run([listener])
