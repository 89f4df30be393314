"""A hub of Hugging Face's kind on this machine: repositories of models with branches and commits, over HTTP."""

import hashlib
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit


class Hub:
    """Repositories by id: folders by commit, commits by branch.

    Attributes:
        asked: the paths of all requests.
    """

    def __init__(self):
        self.commits, self.branches, self.asked = {}, {}, []

    def push(self, repository, folder, branch="main"):
        """Make a folder the newest commit of a branch, and return that commit."""
        digest = hashlib.sha1(repository.encode())
        for file in sorted(Path(folder).iterdir()):
            digest.update(file.name.encode() + file.read_bytes())
        self.commits.setdefault(repository, {})[digest.hexdigest()] = Path(folder)
        self.branches.setdefault(repository, {})[branch] = digest.hexdigest()
        return digest.hexdigest()

    def commit(self, repository, revision):
        """Return the commit that a revision means, if there is one."""
        known = self.branches.get(repository, {})
        return known.get(revision, revision if revision in self.commits.get(repository, {}) else None)

    def answer(self, path):
        """Return status, headers and content for a path."""
        self.asked.append(path)
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            repository = "/".join(parts[2:4])
            commit = self.commit(repository, parts[5] if len(parts) > 5 else "main")
            if commit is None or parts[4:5] == ["tree"]:  # no repository here has folders
                return 404, {"X-Error-Code": "EntryNotFound" if commit else "RepoNotFound"}, b""
            files = [{"rfilename": file.name} for file in sorted(self.commits[repository][commit].iterdir())]
            return 200, {}, json.dumps({"id": repository, "sha": commit, "siblings": files}).encode()
        if parts[2:3] != ["resolve"]:
            return 404, {}, b""
        repository, revision, name = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
        commit = self.commit(repository, revision)
        file = self.commits[repository][commit] / name if commit else None
        if file is None or not file.is_file():
            return 404, {"X-Error-Code": "EntryNotFound" if commit else "RevisionNotFound"}, b""
        content = file.read_bytes()
        return 200, {"X-Repo-Commit": commit, "ETag": f'"{hashlib.sha1(content).hexdigest()}"'}, content


@contextmanager
def serving(hub):
    """Answer requests for a hub, and return its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, content = hub.answer(unquote(urlsplit(self.path).path))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def do_HEAD(self):
            self.do_GET()

        def log_message(self, *unused):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def python(code, address, home, *arguments, said=""):
    """Run code in a process of its own that asks the hub at an address; return what it printed as JSON.

    Args:
        code: the code; it may be the name of a module to run.
        address: of the hub; None: there is no network.
        home: the folder of its Hugging Face cache.
        arguments: of the code.
        said: what stands on its stdin.
    """
    online = {"HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0"} if address else {"HF_HUB_OFFLINE": "1"}
    own = {**online, "HF_HOME": str(home), "HF_HUB_CACHE": str(home / "hub"), "HF_MODULES_CACHE": str(home / "code")}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(
        command, input=said, env={**os.environ, **own}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
