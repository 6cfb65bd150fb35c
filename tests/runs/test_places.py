"""Where caches go in a home, without one, and beside what others have prepared."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from layeratlas.runs import places
from layeratlas.runs.places import CACHE_HOME, cache_folder, cache_home, can_write, place_caches


@pytest.fixture
def blocked(tmp_path):
    """A cache folder that cannot be made: there is a file in its way."""
    (tmp_path / "file").touch()
    return {CACHE_HOME: str(tmp_path / "file" / "caches")}


@pytest.fixture(autouse=True)
def temporaries(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def private(beside: Path) -> Path:
    return beside / ".layeratlas" / f"caches-{os.getuid()}"


def test_the_users_own_folder_is_left_alone(tmp_path):
    environment = {CACHE_HOME: str(tmp_path / "home" / "cache")}
    assert place_caches(tmp_path, dict(environment)) is None
    assert not (tmp_path / ".layeratlas").exists()


def test_without_one_there_is_a_private_one_that_lasts(tmp_path, blocked):
    for umask in (0o000, 0o077):
        before = os.umask(umask)
        try:
            environment = dict(blocked)
            assert place_caches(tmp_path, environment) == (private(tmp_path), True)
        finally:
            os.umask(before)
        assert private(tmp_path).stat().st_mode & 0o777 == 0o700
        assert environment[CACHE_HOME] == str(private(tmp_path))
        assert environment["MPLCONFIGDIR"] == str(private(tmp_path) / "matplotlib")
        assert place_caches(tmp_path, environment) is None  # what a job finds


def test_a_users_setting_of_matplotlib_wins(tmp_path, blocked):
    environment = blocked | {"MPLCONFIGDIR": "/mine"}
    place_caches(tmp_path, environment)
    assert environment["MPLCONFIGDIR"] == "/mine"


@pytest.mark.parametrize("prepared", ["open to all", "a link", "a file", "somebody else's"])
def test_what_somebody_else_prepared_is_not_used(tmp_path, blocked, temporaries, prepared):
    """Compiled code is kept there: whoever fills it first would run code as this user."""
    place = private(tmp_path)
    place.parent.mkdir()
    if prepared == "open to all":
        place.mkdir()
        place.chmod(0o777)
    elif prepared == "a link":
        (tmp_path / "theirs").mkdir()
        place.symlink_to(tmp_path / "theirs")
    elif prepared == "a file":
        place.touch()
    else:
        if os.getuid() != 0:
            pytest.skip("only root gives folders away")
        place.mkdir()
        os.chown(place, 12345, 12345)
    environment = dict(blocked)
    found, lasts = place_caches(tmp_path, environment)
    assert not lasts and found.parent == temporaries
    assert found.stat().st_mode & 0o777 == 0o700
    # A job of the same invocation stays with what its process chose.
    assert place_caches(tmp_path, environment) is None
    assert environment[CACHE_HOME] == str(found)


def test_a_place_that_lasts_is_better_than_a_short_lived_one(tmp_path, temporaries):
    """The profile chooses before it is known where results go."""
    short = temporaries / f"{places._SHORT_LIVED}xyz"
    short.mkdir(mode=0o700)
    environment = {CACHE_HOME: str(short)}
    assert place_caches(tmp_path, environment) == (private(tmp_path), True)


def test_the_profile_calls_its_folder_so():
    profile = Path(__file__).parents[2] / "profiles" / "default" / "config.yaml"
    assert f'mkdtemp(prefix="{places._SHORT_LIVED}")' in profile.read_text()


@pytest.mark.parametrize("home", ["relative/caches", "~/.cache"])
def test_no_home_is_no_folder_here(tmp_path, monkeypatch, home):
    monkeypatch.chdir(tmp_path)
    assert cache_home({CACHE_HOME: home}) is None
    assert place_caches(tmp_path, {CACHE_HOME: home}) == (private(tmp_path), True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".layeratlas", "temporary"]


def test_a_full_disk_is_no_place(tmp_path, monkeypatch):
    class Full:
        def __init__(self, **_):
            raise OSError(122, "Disk quota exceeded")

    assert can_write(tmp_path / "a" / "b")
    monkeypatch.setattr(places.tempfile, "TemporaryFile", Full)
    assert not can_write(tmp_path)


def test_our_own_part_of_it(tmp_path, monkeypatch):
    environment = {CACHE_HOME: str(tmp_path / "home")}
    assert cache_folder(tmp_path / "__pycache__", environment) == tmp_path / "__pycache__"
    monkeypatch.setattr(places.os, "access", lambda *_: False)
    assert cache_folder(tmp_path / "__pycache__", environment) == tmp_path / "home" / "layeratlas"
    assert cache_folder(tmp_path / "a", {CACHE_HOME: "none"}) == tmp_path / "a"
