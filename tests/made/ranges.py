"""A web server on this machine that sends parts of files, counts requests, and can be difficult."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass
class Server:
    """Sends what is in `folder`; each request is in `sent`, a (range, status, bytes)."""

    folder: Path
    address: str = ""
    sent: list[tuple[str, int, int]] = field(default_factory=list)
    busy_after: int | None = None
    """Answers 429 once, after so many answers, and again after as many."""
    retry_after: str = "0"
    ranges: bool = True
    tags: bool = True
    status: int | None = None
    """Answers everything with this."""
    cut: int = 0
    """Bytes that are missing at the end of each answer."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of a part to send instead of the right ones."""
    pages: bool = False
    """Lets pages of other places read what it sends (CORS)."""
    told: list[dict[str, str]] = field(default_factory=list)
    """Headers of each request."""
    _since_busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answers(self) -> list[tuple[str, int, int]]:
        """Those that brought something."""
        return [one for one in self.sent if one[1] in (200, 206)]

    @property
    def bytes_sent(self) -> int:
        return sum(size for _, _, size in self.answers)

    def is_busy(self) -> bool:
        with self._lock:
            if self.busy_after is not None and self._since_busy >= self.busy_after:
                self._since_busy = 0
                return True
            self._since_busy += 1
            return False


class _Quiet(ThreadingHTTPServer):
    """Who has heard enough may hang up."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(folder: Path, **options) -> Iterator[Server]:
    """A server of the files in `folder`, at `.address` (without a slash at its end)."""
    server = Server(folder, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(server, self)

        def do_HEAD(self) -> None:
            path = folder / self.path.lstrip("/")
            server.sent.append(("HEAD", 200, 0))
            self.send_response(200)
            self.send_header("Content-Length", str(path.stat().st_size))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    http = _Quiet(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.address = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _answer(server: Server, request: BaseHTTPRequestHandler) -> None:
    wanted = request.headers.get("Range", "")
    server.told.append(dict(request.headers))
    path = server.folder / request.path.partition("?")[0].lstrip("/")
    if server.is_busy():
        _send(server, request, wanted, 429, b"", {"Retry-After": server.retry_after})
    elif server.status is not None:
        _send(server, request, wanted, server.status, b"", {})
    elif not path.is_file():
        _send(server, request, wanted, 404, b"", {})
    else:
        content = path.read_bytes()
        tag = f'"{hash(content):x}"'
        headers = {"ETag": tag} if server.tags else {}
        found = _RANGE.fullmatch(wanted) if server.ranges else None
        if found is None or request.headers.get("If-Range", tag) != tag:
            _send(server, request, wanted, 200, content, headers)
            return
        first, last = found.groups()
        start = int(first) if first else max(0, len(content) - int(last))
        stop = int(last) + 1 if first and last else len(content)
        part = content[start:stop]
        if not part:
            _send(server, request, wanted, 416, b"", headers)
            return
        headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(content)}"
        _send(server, request, wanted, 206, part, headers | server.headers)


def _send(
    server: Server,
    request: BaseHTTPRequestHandler,
    wanted: str,
    status: int,
    content: bytes,
    headers: dict[str, str],
) -> None:
    server.sent.append((wanted, status, len(content)))
    request.send_response(status)
    if server.pages:
        request.send_header("Access-Control-Allow-Origin", "*")
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    try:
        request.wfile.write(content[: len(content) - server.cut] if server.cut else content)
    except OSError:
        return  # whoever asked has heard enough
    if server.cut:
        request.close_connection = True
