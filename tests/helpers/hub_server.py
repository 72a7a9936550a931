"""A stand-in for the Hugging Face Hub on this machine: what its client asks for, and no more."""

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c" * 40
PREFIX = {"dataset": "datasets/", "model": ""}


@dataclass
class Hub:
    """Repositories by name, and what was asked.

    Attributes:
      files: ``{(kind, "ORG/NAME"): {path: bytes}}``.
      requests: method, path and range of each request.
      cut_after: bytes after which the next download's connection is closed; None: never.
      wrong: paths whose bytes are altered on the way.
    """

    files: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    cut_after: int | None = None
    wrong: set[str] = field(default_factory=set)

    def add(self, name: str, files: Mapping[str, bytes], *, kind: str = "dataset") -> None:
        """A repository with these files."""
        self.files[kind, name] = dict(files)


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


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):  # quiet
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, *, body):
        path = self.path.partition("?")[0]
        self.hub.requests.append((self.command, path, self.headers.get("Range")))
        about = re.fullmatch(r"/api/(datasets|models)/([^/]+/[^/]+)(?:/revision/(.+))?", path)
        if about:
            self._describe({"datasets": "dataset", "models": "model"}[about[1]], about[2], about[3])
            return
        found = re.fullmatch(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        kind = "dataset" if found and found[1] else "model"
        files = self.hub.files.get((kind, found[2]), {}) if found else {}
        if not found or found[4] not in files:
            self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})
            return
        self._file(found[4], files[found[4]], body=body)

    def _describe(self, kind, name, revision):
        files = self.hub.files.get((kind, name))
        if files is None:
            self._send(401, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        if revision not in (None, "main", COMMIT):
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        siblings = [
            {
                "rfilename": path,
                "size": len(data),
                "blobId": "b" * 40,
                "lfs": {"sha256": _sha(data), "size": len(data), "pointerSize": 130},
            }
            for path, data in files.items()
        ]
        text = json.dumps({"_id": "1", "id": name, "sha": COMMIT, "siblings": siblings})
        self._send(200, text.encode(), {"Content-Type": "application/json"})

    def _file(self, path, data, *, body):
        sent = bytes(255 - byte for byte in data) if path in self.hub.wrong else data
        headers = {
            "X-Repo-Commit": COMMIT,
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
