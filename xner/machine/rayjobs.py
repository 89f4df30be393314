"""Jobs on Ray: the same calls on one machine or many."""

import os
import socket
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from xner.errors import XnerError, require
from xner.machine.jobs import Job, Outcome, call, quiet

_PASSED_ON = ("XNER_", "HF_HUB_OFFLINE")
"""Prefixes of the environment variables that workers on other machines need, too."""


class RayPool:
    """The cluster of RAY_ADDRESS, or one that runs on this machine, or a new one that ends with `close`.

    Args:
        width: the highest number of calls at once, among which the CPUs are divided. Where there are GPUs, each call
            has one.
        environment: environment variables of the workers, besides those that xner reads.

    Raises:
        XnerError: Ray is not installed or does not answer.
    """

    size = sys.maxsize  # Ray queues what has no room yet

    def __init__(self, width: int, environment: Mapping[str, str]) -> None:
        self._ray = require("ray", "ray")
        self._own = not self._ray.is_initialized()
        if self._own:
            _connect(self._ray)
        passed = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
        self._place = {**passed, **quiet(), **environment}, str(Path.cwd()), list(sys.argv)
        self._remote = self._ray.remote(**self._share(width))(_call_there)
        self._begun: list[Any] = []

    def _share(self, width: int) -> dict[str, int]:
        """Return the part of the cluster that each call asks for."""
        if self._ray.cluster_resources().get("GPU"):
            return {"num_gpus": 1}
        nodes = [int(node["Resources"].get("CPU", 0)) for node in self._ray.nodes() if node["Alive"]]
        working = [cpus for cpus in nodes if cpus] or [1]
        return {"num_cpus": max(1, min(min(working), sum(working) // width))}

    def submit(self, job: Job) -> Future[Outcome]:
        """Start a call."""
        self._begun.append(self._remote.remote(*self._place, job.payload()))
        future: Future[Outcome] = self._begun[-1].future()
        return future

    def close(self) -> None:
        """End the calls, and the cluster if this process started it."""
        if self._own:
            self._ray.shutdown()
            return
        for reference in self._begun:
            self._ray.cancel(reference, force=True)


def _connect(ray: Any) -> None:
    address, debug = os.environ.get("RAY_ADDRESS", ""), bool(os.environ.get("XNER_DEBUG"))
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        if port.isdigit():
            socket.create_connection((host, int(port)), timeout=10).close()  # Ray itself tries for minutes
        ray.init(include_dashboard=False, log_to_driver=debug, logging_level="INFO" if debug else "ERROR")
    except (OSError, RuntimeError, ValueError) as error:
        where = f"at RAY_ADDRESS={address}; without it, Ray is begun on this machine" if address else "on this machine"
        raise XnerError(f"Ray does not answer: {str(error).splitlines()[0]} ({where})") from error


def _call_there(environment: Mapping[str, str], folder: str, arguments: list[str], payload: bytes) -> Outcome:
    """Do a call on a worker, in the environment and working folder of the caller."""
    os.environ.update(environment)
    sys.argv = arguments
    try:
        os.chdir(folder)
    except OSError as error:
        return Outcome(
            problem=f"{folder}: is not there on {socket.gethostname()} ({error.strerror}); start in a "
            "folder that all machines share"
        )
    return call(payload)
