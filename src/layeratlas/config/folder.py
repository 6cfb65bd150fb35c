"""A folder of experiments: which of its files are experiments, and which nothing reads."""

from __future__ import annotations

from pathlib import Path

from layeratlas.config.presets import NAME
from layeratlas.config.reading import Reader
from layeratlas.config.refusing import named, plain
from layeratlas.config.unseen import refuse_wrong_template
from layeratlas.errors import ConfigError
from layeratlas.words import quoted

_ENDINGS = (".yaml", ".yml")
_LOCK = ".#"  # what an editor leaves beside a file that is open in it


def experiment_names(folder: Path, read: Reader) -> tuple[str, ...]:
    """Experiments of a folder, templates left out.

    ConfigError for a file that looks like one and would not be found: another ending than
    `.yaml`, a name that is no identifier.
    """
    names = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not is_meant(path):
            continue
        stem = path.name.strip().rpartition(".")[0]
        if path.suffix != ".yaml":
            raise ConfigError(f"{named(path)}: name it {plain(stem or 'a_name')}.yaml")
        if not NAME.fullmatch(path.stem):
            raise ConfigError(
                f"{named(path)}: an experiment's name has lower-case letters, digits and "
                f"underscores, at most 100, and starts with a letter; got {quoted(path.stem)}"
            )
        data = read(path)
        template = data.get("template")
        if template is not None and not isinstance(template, bool):
            raise ConfigError(
                f"{named(path)}: template: expected true or false, got {quoted(template)}"
            )
        if template:
            refuse_wrong_template(path, read)
        else:
            names.append(path.stem)
    return tuple(names)


def unread(folder: Path) -> tuple[str, ...]:
    """Names in a folder of experiments that nothing reads; hidden ones are not meant to be."""
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            path.name + "/" * path.is_dir()
            for path in folder.iterdir()
            if not is_meant(path) and not path.name.startswith(".")
        )
    )


def is_meant(path: Path) -> bool:
    """Whether a file is meant to be an experiment, whatever it is called."""
    name = path.name.strip().lower()
    return name.endswith(_ENDINGS) and not path.name.startswith(_LOCK)
