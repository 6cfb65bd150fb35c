"""A file on a web server, read in parts by HTTP range requests (RFC 9110, section 14).

    file = RemoteFile("https://example.org/cubes/phase_diagram.zarr.zip")
    file.read(100, 0)

The first request is for the end of the file, where an archive has its directory and its metadata.
What comes is kept: a later read of bytes that are here asks nobody. A server that is busy (429,
503) is asked again when it says; a file that is replaced meanwhile is an error, never a mixture.
"""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NoReturn

import urllib3
from urllib3.util import Retry

from layeratlas.errors import UnreadableError
from layeratlas.storage.addresses import shown
from layeratlas.words import quoted

if TYPE_CHECKING:
    import requests

TAIL = 32 << 10
"""Bytes of the end that are asked for first: directory and metadata of most cubes."""
AHEAD = 256 << 10
"""Bytes that one request for data brings, at least: small variables lie one after the other."""
LONGEST_WAIT = 120
"""Seconds that a server may ask to be left alone."""
_SPANS, _LARGEST_SPAN = 8, 1 << 20  # of what is kept beside the end
_TIMEOUT = 30  # seconds without an answer or a byte
_TRIES = 3  # of an answer that breaks off
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


class RemoteFile:
    """The file at `address`, of the version that is there now.

    Safe to share between threads and after a fork. UnreadableError, in one sentence, where the
    server has no such file, sends no parts of files, does not answer or asks for too much patience.
    """

    def __init__(self, address: str):
        self.address = address
        self._lock = threading.Lock()
        self._spans: deque[tuple[int, bytes]] = deque(maxlen=_SPANS)
        self._open: tuple[int, requests.Session] | None = None
        self._version: str | None = None
        self._size: int | None = None
        self._closed = False
        start, self._tail = self._fetch(f"bytes=-{TAIL}", None)
        self._tail_start = start

    @property
    def size(self) -> int:
        """Bytes in all."""
        assert self._size is not None
        return self._size

    def read(self, length: int, offset: int, ahead: int = 0) -> bytes:
        """`length` bytes from `offset`, fewer where the file ends.

        Where they have to be asked for, `ahead` bytes from there, at least, are: the next read
        may be of those.
        """
        if self._closed:
            self._fail("is closed: open it again to read from it")
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        with self._lock:
            held = [*self._spans, (self._tail_start, self._tail)]
        for start, content in held:
            if start <= offset and end <= start + len(content):
                return content[offset - start : end - start]
        stop = min(max(end, offset + ahead), self.size)
        # What is at the end is here already.
        until = min(stop, self._tail_start)
        _, content = self._fetch(f"bytes={offset}-{until - 1}", (offset, until))
        if end > until:
            content += self._tail
        if len(content) <= _LARGEST_SPAN:
            with self._lock:
                self._spans.append((offset, content))
        return content[: end - offset]

    def close(self) -> None:
        """Let go of connections; reading afterwards is an error."""
        self._closed = True
        if self._open is not None:
            self._open[1].close()
            self._open = None

    def _fail(self, reason: str) -> NoReturn:
        raise UnreadableError(shown(self.address), reason)

    def _fetch(self, wanted: str, span: tuple[int, int] | None) -> tuple[int, bytes]:
        """(where it begins, bytes) of a part; `span` is (first, behind the last), or None of the
        end of the file."""
        import requests

        for attempt in range(_TRIES):
            try:
                return self._answer(wanted, span)
            except _ImpatientError as error:
                self._fail(
                    f"the server asks to wait {error.seconds:.0f} s before the next request; try "
                    "again then"
                )
            except (requests.RequestException, urllib3.exceptions.HTTPError, _Broken) as error:
                refused = isinstance(error, requests.exceptions.InvalidURL)
                if attempt + 1 == _TRIES or refused or isinstance(error, requests.Timeout):
                    self._fail(f"cannot be read: {_brief(error)}")
        raise AssertionError

    def _answer(self, wanted: str, span: tuple[int, int] | None) -> tuple[int, bytes]:
        headers = {"Range": wanted, "Accept-Encoding": "identity"}
        if self._version is not None:
            headers["If-Range"] = self._version
        with self._session().get(
            self.address, headers=headers, stream=True, timeout=_TIMEOUT
        ) as answer:
            first, total = self._part(answer, span)
            length = (total if span is None else span[1]) - first
            content = answer.raw.read(length + 1, decode_content=False)
            if len(content) < length:
                raise _Broken
            if len(content) > length:
                self._fail("the server sent more than the part asked for")
            return first, content

    def _part(self, answer: Any, span: tuple[int, int] | None) -> tuple[int, int]:
        """(first byte, bytes of the whole file) by the headers of an answer."""
        status = answer.status_code
        if status == 200 and self._size is not None:
            self._fail("was replaced since it was opened, or is no longer sent in parts: open it "
                       "again")  # fmt: skip
        if status == 200:
            self._fail(
                "the server sends whole files only, no parts of them: download it and open the copy"
            )
        if status != 206:
            self._fail(_refusal(answer))
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if found is None or answer.headers.get("Content-Encoding", "identity") != "identity":
            self._fail("the server's answer to a request for a part is none (RFC 9110)")
        first, last, total = map(int, found.groups())
        version = _version(answer.headers)
        if self._size is None:
            self._size, self._version = total, version
        elif (total, version) != (self._size, self._version):
            self._fail("was replaced since it was opened: open it again")
        whole = (max(0, total - TAIL), total) if span is None else span
        if (first, last + 1) != whole:
            self._fail("the server sent another part than the one asked for")
        return first, total

    def _session(self) -> requests.Session:
        """Connections of this process: those of a parent are its own."""
        with self._lock:
            if self._open is None or self._open[0] != os.getpid():
                import requests
                from requests.adapters import HTTPAdapter

                session = requests.Session()
                for scheme in ("https://", "http://"):
                    session.mount(scheme, HTTPAdapter(max_retries=_patience(), pool_maxsize=8))
                self._open = (os.getpid(), session)
            return self._open[1]


class _Broken(Exception):  # noqa: N818  (asked again)
    """An answer that ends too early."""


class _ImpatientError(Exception):
    def __init__(self, seconds: float):
        super().__init__(seconds)
        self.seconds = seconds


class _Patience(Retry):
    """Waits as long as the server says, unless that is longer than somebody waits for."""

    def get_retry_after(self, response: Any) -> float | None:
        seconds = super().get_retry_after(response)
        if seconds is not None and seconds > LONGEST_WAIT:
            raise _ImpatientError(seconds)
        return seconds


def _patience() -> Retry:
    return _Patience(
        total=6,
        connect=2,
        backoff_factor=0.5,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=("GET",),
        raise_on_status=False,
    )


def _version(headers: Any) -> str | None:
    """What tells this version of the file from another; None where the server says nothing."""
    tag = headers.get("ETag")
    # Of weak ones a range of another version may come (RFC 9110, 13.1.5).
    return tag if tag is not None and not tag.startswith("W/") else headers.get("Last-Modified")


def _refusal(answer: Any) -> str:
    status = answer.status_code
    if status in (404, 410):
        return f"is not there (HTTP {status}): check the address"
    if status in (401, 403):
        return f"the server does not give it to everybody (HTTP {status})"
    if status == 416:
        return "is empty, or the server sends no parts of files (HTTP 416)"
    if status in (429, 503):
        return f"the server is busy (HTTP {status}), also after several tries: try again later"
    return f"the server answers HTTP {status} {quoted(str(answer.reason), 40)}"


def _brief(error: Exception) -> str:
    """One line for a failed request; requests nests the reason several exceptions deep."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return f"no answer within {_TIMEOUT} s"
    if isinstance(error, requests.TooManyRedirects):
        return "the server sends from address to address"
    if isinstance(error, requests.exceptions.InvalidURL):
        return "that is no address"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    return "the answer broke off"
