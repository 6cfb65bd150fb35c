"""One project to spoil over and over: laid out beside what must stay untouched, and restored."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from made.fuzzing.zygote import Reply, Zygote

SECRET = "a secret outside the project\n"
Seen = tuple[int, int, int, int]


class Cases:
    """Folders `project`, `out` for what is exported, and `outside`, which nobody may touch.

    The project is that of `made`, a folder that is never changed. It always stands at the same
    place, so that answers may be compared word by word.
    """

    def __init__(self, folder: Path, made: Path, zygote: Zygote):
        self.folder, self._made, self._zygote = folder, made, zygote
        self.project, self._outside = folder / "project", folder / "outside"
        shutil.copytree(made, self.project, symlinks=True)
        self._outside.mkdir()
        for name in ("secret.json", "secret.zarr.zip", "secret.pdf"):
            (self._outside / name).write_text(SECRET, encoding="utf-8")
        self._known = self._look(self.project)
        self._apart = self._look(self._outside)

    def ask(
        self,
        spoiled: str,
        content: bytes,
        questions: tuple[str, ...],
        *plants: str,
        same_time: bool = False,
        wall: float | None = None,
    ) -> Reply:
        """Ask with the file `spoiled` holding `content`; the project is whole again afterwards.

        `same_time` keeps the time of change, as decay does.
        """
        place = self.project / spoiled
        before = place.stat() if place.exists() else None
        place.unlink(missing_ok=True)
        place.write_bytes(content)
        if same_time and before is not None:
            os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        (self.folder / "out").mkdir()
        reply = self._zygote.ask(self.folder, questions, spoiled, *plants, wall=wall)
        self._restore()
        if self._look(self._outside) != self._apart:
            raise AssertionError(f"{spoiled}: files outside the project were changed")
        return reply

    def _look(self, folder: Path) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        for top, folders, files in os.walk(folder):
            for name in (*folders, *files):
                state = os.lstat(os.path.join(top, name))  # noqa: PTH118  (hundreds a case)
                times = (0, 0) if name in folders else (state.st_mtime_ns, state.st_ctime_ns)
                found[os.path.relpath(f"{top}/{name}", folder)] = (
                    state.st_mode, 0 if name in folders else state.st_size, *times
                )  # fmt: skip
        return found

    def _restore(self) -> None:
        now = self._look(self.project)
        for name in sorted(now.keys() - self._known.keys(), reverse=True):
            path = self.project / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        for name in sorted(self._known):
            if now.get(name) != self._known[name]:
                path, source = self.project / name, self._made / name
                if source.is_dir() and not source.is_symlink():
                    path.mkdir(exist_ok=True)
                    continue
                path.unlink(missing_ok=True)
                shutil.copy2(source, path, follow_symlinks=False)
                self._known[name] = self._look_at(path)

    def _look_at(self, path: Path) -> Seen:
        state = path.lstat()
        return (state.st_mode, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
