"""A real Label Studio to test against: its server with a database of its own, which reaches this machine alone.

XNER_LABEL_STUDIO names the Python of an environment that has it; it is too large to be one of our dependencies.
"""

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
import pytest

PYTHON = os.environ.get("XNER_LABEL_STUDIO")
needed = pytest.mark.skipif(
    not PYTHON, reason="XNER_LABEL_STUDIO names no Python that has Label Studio: pip install label-studio"
)
_TOKEN = "0123456789abcdef" * 2 + "01234567"
_NOWHERE = "http://127.0.0.1:9"
_SETTINGS = {
    "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "false",  # a backend may be on this machine, as docs/serving.md says
    "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
    "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "http_proxy": _NOWHERE,
    "https_proxy": _NOWHERE,
    "no_proxy": "127.0.0.1,localhost",
}


@dataclass(frozen=True)
class Studio:
    """What a person does in Label Studio, by the same calls that its pages make.

    Args:
        http: asks its server as its only user.
    """

    http: httpx2.Client

    def _post(self, path, **body):
        answer = self.http.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def project(self, interface, tasks):
        """Make a project with a labelling interface, and import tasks; return its number."""
        number = self._post("/api/projects/", title="A project", label_config=interface)["id"]
        imported = self.http.post(f"/api/projects/{number}/import", json=tasks)
        assert imported.is_success, imported.text
        return number

    def connect(self, project, url):
        """Connect a backend, as under "Settings, Model"; return the answer, which may be a refusal."""
        return self.http.post("/api/ml/", json={"url": url, "project": project, "title": "A backend"})

    def backend(self, number):
        """Return what is shown of a backend after another look at it."""
        return self.http.get(f"/api/ml/{number}").json()

    def versions(self, number):
        """Return what a person may choose from."""
        return self.http.get(f"/api/ml/{number}/versions").json()

    def train(self, number):
        """Press "Start Training"."""
        assert self.http.post(f"/api/ml/{number}/train", json={}).is_success

    def retrieve(self, project):
        """Choose "Retrieve Predictions" for all tasks."""
        chosen = {"selectedItems": {"all": True, "excluded": []}, "ordering": [], "project": project}
        self._post(f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}", **chosen)

    def tasks(self, project):
        """Return the tasks in the order in which they were imported, with predictions and annotations."""
        asked = {"project": project, "fields": "all", "page_size": 100}
        return sorted(self.http.get("/api/tasks/", params=asked).json()["tasks"], key=lambda task: task["id"])

    def next(self, project):
        """Return the task that an annotator is shown first, with the predictions shown."""
        return self.http.get(f"/api/projects/{project}/next").json()

    def annotate(self, task, regions, skipped=False):
        """Submit a task, or skip it."""
        self._post(f"/api/tasks/{task}/annotations/", result=regions, was_cancelled=skipped)

    def export(self, project, kind):
        """Return an export."""
        answer = self.http.get(f"/api/projects/{project}/export", params={"exportType": kind})
        assert answer.is_success, answer.text
        return answer.content


@contextmanager
def running(folder):
    """Start a server in an empty folder, which takes half a minute, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [PYTHON, "-m", "label_studio.server", "start", "--no-browser", "--internal-host", "127.0.0.1"]
    words += ["--port", str(port), "--enable-legacy-api-token", "--user-token", _TOKEN]
    words += ["--username", "ada@example.org", "--password", "not a secret"]
    homes = ("LABEL_STUDIO_BASE_DATA_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    environment = os.environ | _SETTINGS | dict.fromkeys(homes, str(folder))
    with (folder / "told").open("w") as told:
        process = subprocess.Popen(words, stdout=told, stderr=told, cwd=folder, env=environment)
        try:
            url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Token {_TOKEN}"}
            with httpx2.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as http:
                _wait(http, process, folder / "told")
                yield Studio(http)
        finally:
            process.terminate()
            process.wait(60)


def _wait(http, process, told):
    end = time.monotonic() + 300
    while True:
        try:
            return http.get("/health").raise_for_status()
        except httpx2.HTTPError:
            assert process.poll() is None and time.monotonic() < end, told.read_text()[-2000:]
            time.sleep(0.2)
