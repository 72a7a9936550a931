"""A stand-in for the Hugging Face Hub on this machine: what its client asks for, and no more."""

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

COMMIT = "c" * 40
PREFIX = {"dataset": "datasets/", "model": ""}


@dataclass
class Hub:
    """Repositories by name, and what was asked.

    Attributes:
      commits: ``{(kind, "ORG/NAME"): {commit: {path: bytes}}}``.
      branches: ``{(kind, "ORG/NAME"): {branch: commit}}``.
      private: names of repositories that not everybody sees.
      stored: large files by SHA-256, uploaded and not yet in a commit.
      tokens: of the uploads.
      requests: method, path and range of each request.
      cut_after: bytes after which the next download's connection is closed; None: never.
      wrong: paths whose bytes are altered on the way.
    """

    commits: dict[tuple[str, str], dict[str, dict[str, bytes]]] = field(default_factory=dict)
    branches: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    stored: dict[str, bytes] = field(default_factory=dict)
    tokens: set[str | None] = field(default_factory=set)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    cut_after: int | None = None
    wrong: set[str] = field(default_factory=set)

    def add(self, name: str, files: Mapping[str, bytes], *, kind: str = "dataset") -> None:
        """A repository with these files."""
        self.commits[kind, name] = {COMMIT: dict(files)}
        self.branches[kind, name] = {"main": COMMIT}

    def commit_of(self, kind: str, name: str, revision: str | None) -> str | None:
        """The commit of a branch, or the commit itself; None: there is none."""
        revision = revision or "main"
        found = self.branches.get((kind, name), {}).get(revision, revision)
        return found if found in self.commits.get((kind, name), {}) else None

    def commit(self, kind: str, name: str, branch: str, added: Mapping[str, bytes]) -> str:
        """A commit on top of a branch; returns its name."""
        commits, branches = self.commits[kind, name], self.branches[kind, name]
        files = {**commits.get(branches.get(branch, ""), {}), **added}
        number = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False)
        branches[branch] = number.hexdigest()
        commits[branches[branch]] = files
        return branches[branch]


@contextlib.contextmanager
def serve(hub: Hub) -> Iterator[str]:
    """Serves ``hub`` on a free port; yields the address for ``HF_ENDPOINT``."""
    handler = type("HubHandler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def use_hub_at(address: str, monkeypatch) -> None:
    """Makes the client, imported perhaps already, ask ``address``."""
    constants = "huggingface_hub.constants"
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(f"{constants}.ENDPOINT", address)
    monkeypatch.setattr(f"{constants}.HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(f"{constants}.HF_HUB_OFFLINE", False)
    monkeypatch.setattr(f"{constants}.HF_HUB_DISABLE_XET", True)


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):  # quiet
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def do_PUT(self):
        self._body()
        self.hub.stored[self.path.rpartition("/")[2]] = self.sent
        self._send(200, b"{}", {})

    def do_POST(self):
        path = self._log()
        self._body()
        self.hub.tokens.add(self.headers.get("Authorization"))
        for pattern, answer in self.POSTS.items():
            if found := re.fullmatch(pattern, path):
                answer(self, *found.groups())
                return
        self._send(404, b"{}", {})

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return
        self.sent = b""
        while size := int(self.rfile.readline(), 16):
            self.sent += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _log(self):
        path = self.path.partition("?")[0]
        self.hub.requests.append((self.command, path, self.headers.get("Range")))
        return path

    def _json(self, content, status=200):
        self._send(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def _create(self):
        asked = json.loads(self.sent)
        name = f"{asked['organization']}/{asked['name']}"
        if ("model", name) in self.hub.commits:
            self._json({"url": f"/{name}"}, 409)
            return
        self.hub.commits["model", name], self.hub.branches["model", name] = {}, {}
        if asked.get("visibility") == "private":
            self.hub.private.add(name)
        self.hub.commit("model", name, "main", {})
        self._json({"url": f"http://{self.headers['Host']}/{name}"})

    def _branch(self, name, branch):
        branches = self.hub.branches["model", name]
        self._json({}, 409 if branch in branches else 200)
        branches.setdefault(branch, branches["main"])

    def _validate(self):
        self._json({"errors": [], "warnings": []})

    def _preupload(self, name, branch):
        large = ".safetensors"
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(large) else "regular",
                "shouldIgnore": False,
                "oid": None,
            }
            for file in json.loads(self.sent)["files"]
        ]
        self._json({"files": files})

    def _batch(self, name):
        objects = [
            {**asked, "actions": {"upload": {"href": self._place(asked["oid"]), "header": {}}}}
            for asked in json.loads(self.sent)["objects"]
        ]
        self._json({"transfer": "basic", "objects": objects})

    def _place(self, oid):
        return f"http://{self.headers['Host']}/upload/{oid}"

    def _commit(self, name, branch):
        added = {}
        for line in self.sent.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                added[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                added[value["path"]] = self.hub.stored[value["oid"]]
        commit = self.hub.commit("model", name, branch, added)
        self._json({"commitUrl": f"/{name}/commit/{commit}", "commitOid": commit})

    _NAME = r"([^/]+/[^/]+)"
    POSTS: ClassVar = {
        "/api/repos/create": _create,
        "/api/validate-yaml": _validate,
        f"/api/models/{_NAME}/branch/(.+)": _branch,
        f"/api/models/{_NAME}/preupload/(.+)": _preupload,
        f"/{_NAME}[.]git/info/lfs/objects/batch": _batch,
        f"/api/models/{_NAME}/commit/(.+)": _commit,
    }

    def _answer(self, *, body):
        path = self._log()
        about = re.fullmatch(r"/api/(datasets|models)/([^/]+/[^/]+)(?:/revision/(.+))?", path)
        if about:
            self._describe({"datasets": "dataset", "models": "model"}[about[1]], about[2], about[3])
            return
        found = re.fullmatch(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        kind = "dataset" if found and found[1] else "model"
        commit = self.hub.commit_of(kind, found[2], found[3]) if found else None
        files = self.hub.commits[kind, found[2]][commit] if commit else {}
        if not found or found[4] not in files:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
            return
        self._file(found[4], files[found[4]], commit, body=body)

    def _describe(self, kind, name, revision):
        if (kind, name) not in self.hub.commits:
            self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        commit = self.hub.commit_of(kind, name, revision)
        if commit is None:
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        siblings = [
            {
                "rfilename": path,
                "size": len(data),
                "blobId": "b" * 40,
                "lfs": {"sha256": _sha(data), "size": len(data), "pointerSize": 130},
            }
            for path, data in self.hub.commits[kind, name][commit].items()
        ]
        about = {"_id": "1", "id": name, "sha": commit, "siblings": siblings}
        self._json({**about, "private": name in self.hub.private})

    def _file(self, path, data, commit, *, body):
        sent = bytes(255 - byte for byte in data) if path in self.hub.wrong else data
        headers = {
            "X-Repo-Commit": commit,
            "ETag": f'"{_sha(data)}"',
            "Accept-Ranges": "bytes",
        }
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked:
            start = int(asked[1])
            end = int(asked[2]) + 1 if asked[2] else len(data)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
            self._send(206, sent[start:end], headers, body=body)
        else:
            self._send(200, sent, headers, body=body)

    def _send(self, status, data, headers, *, body=True):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not body or self.command == "HEAD":
            return
        if self.hub.cut_after is not None and len(data) > self.hub.cut_after:
            data, self.hub.cut_after = data[: self.hub.cut_after], None
            self.close_connection = True
        self.wfile.write(data)


def _sha(data):
    return hashlib.sha256(data).hexdigest()
