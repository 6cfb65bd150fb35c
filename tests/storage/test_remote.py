"""A file on a web server: few requests, patience, and one version or an error."""

from __future__ import annotations

import os
import pickle
import threading

import pytest
from made.ranges import serving

from layeratlas.errors import UnreadableError
from layeratlas.storage.remote import AHEAD, TAIL, RemoteFile

CONTENT = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").write_bytes(CONTENT)
    (tmp_path / "small").write_bytes(CONTENT[:100])
    (tmp_path / "empty").write_bytes(b"")
    return tmp_path


def test_parts_are_those_of_the_file(folder):
    with serving(folder) as server:
        file = RemoteFile(f"{server.address}/a")
        assert file.size == len(CONTENT)
        size = len(CONTENT)
        for offset, length in [
            (size - 10, 10), (size - 10, 99), (0, 3), (1, 2), (5000, 3000), (size, 1),
            (size - TAIL - 5, 10), (size - TAIL - 5, TAIL + 5), (100, size),
        ]:  # fmt: skip
            assert file.read(length, offset) == CONTENT[offset : offset + length]
        file.close()
        with pytest.raises(UnreadableError, match="is closed"):
            file.read(1, 0)


def test_what_is_here_is_not_asked_for(folder):
    with serving(folder) as server:
        file = RemoteFile(f"{server.address}/a")
        assert server.sent == [(f"bytes=-{TAIL}", 206, TAIL)]
        file.read(TAIL, len(CONTENT) - TAIL)
        assert len(server.sent) == 1
        file.read(10, 0, ahead=AHEAD)
        for offset in range(0, AHEAD - 10, 1000):
            file.read(10, offset, ahead=AHEAD)
        assert server.sent[1:] == [(f"bytes=0-{AHEAD - 1}", 206, AHEAD)]
        # Of what joins the end, only what is missing.
        file.read(TAIL + 7, len(CONTENT) - TAIL - 7)
        assert server.sent[-1][2] == 7
        small = RemoteFile(f"{server.address}/small")
        assert (small.size, small.read(100, 0)) == (100, CONTENT[:100])
        assert len(server.sent) == 4


def test_a_busy_server_is_asked_again(folder, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with serving(folder, busy_after=10) as server:
        file = RemoteFile(f"{server.address}/a")
        for n in range(30):
            assert file.read(1, 20_000 * n) == CONTENT[20_000 * n :][:1]
        assert [status for _, status, _ in server.sent].count(429) == 3
        assert len(server.answers) == 31


def test_a_server_is_left_alone_as_long_as_it_says(folder, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)
    with serving(folder, busy_after=1, retry_after="7") as server:
        file = RemoteFile(f"{server.address}/a")
        assert file.read(1, 0) == CONTENT[:1]
    assert [seconds for seconds in slept if seconds >= 1] == [7]
    with serving(folder, busy_after=0, retry_after="3600") as server:
        with pytest.raises(UnreadableError, match="asks to wait 3600 s"):
            RemoteFile(f"{server.address}/a")
        assert len(server.sent) == 1


def test_patience_ends(folder, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with (
        serving(folder, busy_after=0) as server,
        pytest.raises(UnreadableError, match=r"is busy \(HTTP 429\), also after several tries"),
    ):
        RemoteFile(f"{server.address}/a")
    assert 2 < len(server.sent) < 10


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"ranges": False}, "sends whole files only, no parts of them: download it"),
        ({"status": 404}, "is not there"),
        ({"status": 403}, "does not give it to everybody"),
        ({"status": 418}, "answers HTTP 418"),
        ({"cut": 10}, "broke off"),
        ({"headers": {"Content-Range": "bytes 0-9/10"}}, "another part|more than the part"),
        ({"headers": {"Content-Range": "bytes */10"}}, "is none"),
        ({"headers": {"Content-Range": "bytes 0-9/" + "9" * 30}}, "is none"),
        ({"headers": {"Content-Encoding": "gzip"}}, "is none"),
    ],
)
def test_servers_that_will_not_do(folder, options, what):
    with serving(folder, **options) as server, pytest.raises(UnreadableError, match=what) as error:
        RemoteFile(f"{server.address.replace('//', '//ada:secret@')}/a?token=secret")
    assert "secret" not in str(error.value)
    # What is refused is not asked for again; what broke off is.
    assert len(server.sent) == (3 if "cut" in options else 1)


def test_what_is_no_file(folder):
    with serving(folder) as server:
        with pytest.raises(UnreadableError, match="is not there"):
            RemoteFile(f"{server.address}/b")
        with pytest.raises(UnreadableError, match="is empty"):
            RemoteFile(f"{server.address}/empty")
        address = server.address
    with pytest.raises(UnreadableError, match="no connection to the server"):
        RemoteFile(f"{address}/a")
    with pytest.raises(UnreadableError, match="is no address"):
        RemoteFile("http://")


@pytest.mark.parametrize("tags", [True, False])
def test_another_version_is_an_error(folder, tags):
    with serving(folder, tags=tags) as server:
        file = RemoteFile(f"{server.address}/a")
        file.read(1, 0)
        (folder / "a").write_bytes(CONTENT[1:])
        assert file.read(1, 0) == CONTENT[:1]  # it is here
        with pytest.raises(UnreadableError, match="was replaced since it was opened"):
            file.read(1, 300_000)


def test_threads_and_forks_share_it(folder):
    with serving(folder) as server:
        file = RemoteFile(f"{server.address}/a")
        found = {}

        def read(n: int) -> None:
            found[n] = file.read(100, n * 50_000)

        threads = [threading.Thread(target=read, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {n: CONTENT[n * 50_000 :][:100] for n in range(16)}
        session = file._session()
        child = os.fork() if hasattr(os, "fork") else None
        if child == 0:
            right = file.read(9, 123) == CONTENT[123:132] and file._session() is not session
            os._exit(0 if right else 1)
        if child is not None:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert file._session() is session


def test_errors_travel(folder):
    with serving(folder) as server:
        try:
            RemoteFile(f"{server.address}/b")
        except UnreadableError as error:
            assert str(pickle.loads(pickle.dumps(error))) == str(error)
