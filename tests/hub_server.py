"""A server that speaks the part of the Hub's HTTP API that its client uses, and can misbehave.

Large files go the way of Git LFS, as with HF_HUB_DISABLE_XET.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

WRITER, READER = "hf_writer", "hf_reader"
"""Tokens: of the owner of every repository, and of somebody who may read only."""

LARGE = (".h5", ".png", ".jpg")
PAGE = 3
"""Files in a page of a listing: few, so that there are several pages."""

ATTRIBUTES = {".gitattributes": b"*.h5 filter=lfs diff=lfs merge=lfs -text\n"}


def sha256(content: bytes) -> str:
    """Return the hash by which large files are known."""
    return hashlib.sha256(content).hexdigest()


def git_hash(content: bytes) -> str:
    """Return the hash by which Git knows a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def hash_of(path: str, content: bytes) -> str:
    """Return the hash by which the Hub's client compares a file with its own."""
    return sha256(content) if path.endswith(LARGE) else git_hash(content)


@dataclass
class Repository:
    """Branches and tags point to commits, commits to files."""

    private: bool = False
    sdk: str | None = None
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.commit("main", dict(ATTRIBUTES), "initial commit")

    def commit(self, branch: str, files: dict[str, bytes], message: str = "by hand") -> str:
        """Put files on a branch and return the commit."""
        commit = hashlib.sha1(f"{id(self)} {len(self.commits)}".encode()).hexdigest()
        self.commits[commit], self.refs[branch] = files, commit
        self.messages.append(message)
        return commit

    def files(self, revision: str = "main") -> dict[str, bytes]:
        """Return the files at a branch, a tag or a commit."""
        return self.commits[self.refs.get(revision, revision)]


@dataclass
class Hub:
    """What the server has and does.

    Attributes:
        repositories: ("model" or "space", "OWNER/NAME") → repository.
        objects: contents of large files by SHA-256.
        requests: "METHOD /path" of every request so far.
        statuses: pattern of "METHOD /path" → status that is answered instead.
        cut: hashes of large files whose next transfer breaks off half way.
        sent: bytes of large files sent so far.
        tokens_elsewhere: tokens that were sent to the machine of the large files.
    """

    url: str = ""
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    sent: int = 0
    tokens_elsewhere: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def model(self, name: str) -> Repository:
        """Return a repository of models."""
        return self.repositories["model", name]

    def asked(self, pattern: str) -> list[str]:
        """Return the requests that a pattern is found in."""
        return [request for request in self.requests if re.search(pattern, request)]

    def put(self, name: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Make a commit of a model's repository by hand."""
        repository = self.repositories.setdefault(("model", name), Repository())
        self.objects |= {
            sha256(content): content for path, content in files.items() if path.endswith(LARGE)
        }
        return repository.commit(branch, {**ATTRIBUTES, **files})


class Refusal(Exception):
    """A status, and the header by which the Hub's client tells why."""

    def __init__(self, status: int, code: str = "") -> None:
        self.status, self.code = status, code


@contextmanager
def running() -> Iterator[Hub]:
    """Serve on a free port of this machine."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: Any) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        self.where, self.query = unquote(parts.path), parse_qs(parts.query)
        request = f"{self.command} {self.where}"
        with self.hub.lock:
            self.hub.requests.append(request)
            try:
                for pattern, status in self.hub.statuses.items():
                    if re.search(pattern, request):
                        raise Refusal(status)
                self.route(body)
            except Refusal as refusal:
                named = {"X-Error-Code": refusal.code} if refusal.code else {}
                self.answer({"error": "refused"}, refusal.status, named)

    do_HEAD = do_POST = do_PUT = do_GET

    def answer(
        self, content: Any = None, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def route(self, body: bytes) -> None:
        for pattern, action in ROUTES.items():
            if match := re.fullmatch(pattern, f"{self.command} {self.where}"):
                action(self, body, **match.groupdict())
                return
        raise Refusal(404)

    # --- Who asks, and for what --------------------------------------------------------------

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")

    def repository(self, kind: str, name: str) -> Repository:
        if self.token not in ("", WRITER, READER):
            raise Refusal(401)
        found = self.hub.repositories.get((kind, name))
        if found is None or (found.private and self.token != WRITER):
            raise Refusal(404 if self.token else 401, "RepoNotFound")
        return found

    def to_write(self, kind: str, name: str) -> Repository:
        self.check_may_write()
        return self.repository(kind, name)

    def check_may_write(self) -> None:
        if self.token != WRITER:
            raise Refusal(403 if self.token == READER else 401)

    def commit_of(self, repository: Repository, revision: str) -> str:
        commit = repository.refs.get(revision, revision)
        if commit not in repository.commits:
            raise Refusal(404, "RevisionNotFound")
        return commit

    # --- Reading -----------------------------------------------------------------------------

    def info(self, _: bytes, kind: str, name: str, revision: str = "main") -> None:
        repository = self.repository(kind, name)
        commit = self.commit_of(repository, revision)
        self.answer({"id": name, "sha": commit, "private": repository.private})

    def tree(self, _: bytes, kind: str, name: str, revision: str) -> None:
        repository = self.repository(kind, name)
        files = repository.commits[self.commit_of(repository, revision)]
        start = int(self.query.get("cursor", ["0"])[0])
        page = [_entry(path, files[path]) for path in sorted(files)[start : start + PAGE]]
        following = f"{self.hub.url}{self.where}?recursive=true&cursor={start + PAGE}"
        more = {"Link": f'<{following}>; rel="next"'} if start + PAGE < len(files) else {}
        self.answer(page, headers=more)

    def resolve(self, _: bytes, name: str, revision: str, path: str) -> None:
        repository = self.repository("model", name)
        commit = self.commit_of(repository, revision)
        content = repository.commits[commit].get(path)
        headers = {"X-Repo-Commit": commit}
        if content is None:
            raise Refusal(404, "EntryNotFound")
        if not path.endswith(LARGE):
            self.answer(content, headers={**headers, "ETag": f'"{git_hash(content)}"'})
            return
        named = sha256(content)
        self.answer(
            b"",
            302,
            {
                **headers,
                "Location": f"{self.hub.url.replace('127.0.0.1', 'localhost')}/elsewhere/{named}",
                "X-Linked-ETag": f'"{named}"',
                "X-Linked-Size": str(len(content)),
            },
        )

    def elsewhere(self, _: bytes, oid: str) -> None:
        """Send a large file, as the machine does that the Hub names for it."""
        self.hub.tokens_elsewhere += [self.token] if self.token else []
        content = self.hub.objects[oid]
        span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        rest = content[int(span[1]) :] if span else content
        self.send_response(206 if span else 200)
        self.send_header("Content-Length", str(len(rest)))
        if span:
            self.send_header("Content-Range", f"bytes {span[1]}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if oid in self.hub.cut:
            self.hub.cut.discard(oid)
            rest, self.close_connection = rest[: len(rest) // 2], True
        self.hub.sent += len(rest)
        self.wfile.write(rest)

    # --- Writing -----------------------------------------------------------------------------

    def create(self, body: bytes) -> None:
        self.check_may_write()
        wanted = json.loads(body)
        kind, name = wanted.get("type", "model"), f"{wanted['organization']}/{wanted['name']}"
        if (kind, name) in self.hub.repositories:
            raise Refusal(409)
        private = wanted.get("visibility") == "private"
        self.hub.repositories[kind, name] = Repository(private, wanted.get("sdk"))
        folders = "spaces/" if kind == "space" else ""
        self.answer({"url": f"{self.hub.url}/{folders}{name}"})

    def branch(self, body: bytes, kind: str, name: str, branch: str) -> None:
        repository = self.to_write(kind, name)
        if branch in repository.refs:
            raise Refusal(409)
        repository.refs[branch] = repository.refs["main"]
        self.answer({})

    def validate(self, body: bytes) -> None:
        text = json.loads(body)["content"]
        self.answer({"warnings": [], "errors": []}, 200 if text.startswith("---\n") else 400)

    def preupload(self, body: bytes, kind: str, name: str, revision: str) -> None:
        repository = self.to_write(kind, name)
        there = repository.commits[self.commit_of(repository, revision)]
        self.answer(
            {
                "files": [
                    {
                        "path": file["path"],
                        "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular",
                        "shouldIgnore": False,
                        "oid": hash_of(file["path"], there[file["path"]])
                        if file["path"] in there
                        else None,
                    }
                    for file in json.loads(body)["files"]
                ]
            }
        )

    def batch(self, body: bytes, name: str, kind: str = "model") -> None:
        self.check_may_write()
        objects = []
        for wanted in json.loads(body)["objects"]:
            action = {"upload": {"href": f"{self.hub.url}/large/{wanted['oid']}"}}
            known = wanted["oid"] in self.hub.objects
            objects.append(wanted if known else {**wanted, "actions": action})
        self.answer({"transfer": "basic", "objects": objects})

    def upload(self, body: bytes, oid: str) -> None:
        if sha256(body) != oid:
            raise Refusal(400)
        self.hub.objects[oid] = body
        self.answer(b"")

    def commit(self, body: bytes, kind: str, name: str, revision: str) -> None:
        repository = self.to_write(kind, name)
        parent = self.commit_of(repository, revision)
        header, *changes = map(json.loads, body.splitlines())
        if header["value"].get("parentCommit", parent) != parent:
            raise Refusal(412)
        files = dict(repository.commits[parent])
        for change in changes:
            path = change["value"]["path"]
            if change["key"] == "deletedFile":
                del files[path]
            elif change["key"] == "lfsFile":
                files[path] = self.hub.objects[change["value"]["oid"]]
            else:
                files[path] = base64.b64decode(change["value"]["content"])
        commit = repository.commit(revision, files, header["value"]["summary"])
        self.answer({"commitUrl": f"{self.hub.url}/{name}/commit/{commit}", "commitOid": commit})


def _entry(path: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "file", "path": path, "size": len(content)}
    if not path.endswith(LARGE):
        return {**entry, "oid": git_hash(content)}
    oid = sha256(content)
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\n" % oid.encode()
    large = {"oid": oid, "size": len(content), "pointerSize": len(pointer)}
    return {**entry, "oid": git_hash(pointer), "lfs": large}


API = r"/api/(?P<kind>model|space)s/(?P<name>[^/]+/[^/]+)"
ROUTES = {
    rf"GET {API}": _Handler.info,
    rf"GET {API}/revision/(?P<revision>.+)": _Handler.info,
    rf"GET {API}/tree/(?P<revision>.+)": _Handler.tree,
    r"(GET|HEAD) /(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)": _Handler.resolve,
    r"GET /elsewhere/(?P<oid>\w+)": _Handler.elsewhere,
    r"POST /api/repos/create": _Handler.create,
    r"POST /api/validate-yaml": _Handler.validate,
    rf"POST {API}/branch/(?P<branch>.+)": _Handler.branch,
    rf"POST {API}/preupload/(?P<revision>.+)": _Handler.preupload,
    rf"POST {API}/commit/(?P<revision>.+)": _Handler.commit,
    r"POST /(spaces/)?(?P<name>.+)\.git/info/lfs/objects/batch": _Handler.batch,
    r"PUT /large/(?P<oid>\w+)": _Handler.upload,
}
