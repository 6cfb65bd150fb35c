"""Reading YAML: a mapping of settings, or one sentence that says file and line.

Files are YAML 1.2, where 1e-3 is a number and `no` is text. What YAML 1.1 takes for another number
(`010`, `1:30`) is refused, so no reader makes something else of a file. Everything is bounded
before any of it is built: bytes, values (those an alias stands for among them), depth, the length
of a text, the size of a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode

from layeratlas.bounded.files import KIB, read_text
from layeratlas.config.refusing import named, plain
from layeratlas.errors import ConfigError, UnreadableError
from layeratlas.words import quoted

# How a file is read: `read_yaml`, or a cached one while a folder of files is read.
Reader = Callable[[Path], dict[str, Any]]

MOST_BYTES = 128 * KIB
MOST_VALUES = 20_000
DEEPEST = 16
LONGEST_TEXT = 4096

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?([0-9]+(_[0-9]+)*|0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+)")
_INTEGERS = range(-(2**63), 2**63)
_LONGEST_NUMBER = 70  # 64 binary digits, their prefix and sign
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")


class _Composer(Composer):
    """Composes the nodes of one bounded document, each known by its place (`grid.width[2]`)."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self.warn_double_anchors = False
        self._values = 0
        self._place: list[str] = []
        self._deepest = 0
        # Of nodes with an anchor: how many values they hold, and how many levels.
        self._anchored: dict[str, tuple[int, int]] = {}

    def compose_document(self) -> Any:
        event = self.parser.peek_event()
        if event.version not in (None, (1, 2)) or event.tags:
            _refuse("leave out the directive: files are YAML 1.2 without tags", event.start_mark)
        return super().compose_document()

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if isinstance(index, int):
            self._place.append(f"[{index}]")
        else:
            self._place.append("" if index is None else f".{plain(index.value)}")
        values, deepest = self._values, self._deepest
        self._deepest = len(self._place)
        if isinstance(event, AliasEvent):
            node = super().compose_node(parent, index)
            if event.anchor not in self._anchored:
                self._refuse("an alias inside what it stands for", event)
            held, levels = self._anchored[event.anchor]
            self._values += held
            self._deepest += levels
            self._refuse_too_large(event)
        else:
            if event.ctag is not None:
                self._refuse(f"the tag {plain(str(event.ctag))}; write the value alone", event)
            self._values += 1
            self._refuse_too_large(event)
            # Until it is composed, nothing stands for it, nor for an earlier one of that name.
            self._anchored.pop(event.anchor, None)
            node = super().compose_node(parent, index)
            if isinstance(node, ScalarNode):
                self._check_scalar(node, event)
            elif isinstance(node, MappingNode):
                self._check_keys(node)
            if event.anchor is not None:
                levels = self._deepest - len(self._place)
                self._anchored[event.anchor] = (self._values - values, levels)
        self._deepest = max(deepest, self._deepest)
        self._place.pop()
        return node

    def _refuse_too_large(self, event: Any) -> None:
        if self._values > MOST_VALUES:
            self._refuse(f"more than {MOST_VALUES} values; a file has at most as many", event)
        if self._deepest > DEEPEST:
            self._refuse(f"nested deeper than {DEEPEST} levels", event)

    def _check_scalar(self, node: Any, event: Any) -> None:
        text = node.value
        if node.tag == f"{_TAG}timestamp":  # a date is a word like others
            node.tag = f"{_TAG}str"
        if node.tag == f"{_TAG}int":
            if _LEADING_ZERO.fullmatch(text):
                digits = plain(text.lstrip("+-0_") or "0")
                self._refuse(f"{plain(text)} is octal in YAML 1.1 and decimal in 1.2; write "
                             f"{digits}, or 0o{digits}", event)  # fmt: skip
            if not _INTEGER.fullmatch(text):
                self._refuse(f"{quoted(text)} is no number", event)
            digits = text.replace("_", "")
            if len(digits) > _LONGEST_NUMBER or int(digits, 0) not in _INTEGERS:
                self._refuse(f"the integer {plain(text)} is larger than 64 bits hold", event)
        elif node.tag == f"{_TAG}float":
            self._check_float(text, event)
        elif node.tag == f"{_TAG}str":
            if event.implicit[0] and _SEXAGESIMAL.fullmatch(text):
                self._refuse(f"{plain(text)} is a number to the base 60 in YAML 1.1; write "
                             "the number, or quote the text", event)  # fmt: skip
            self._check_text(text, event)

    def _check_float(self, text: str, event: Any) -> None:
        if text.lower().lstrip("+-") in (".inf", ".nan"):
            return  # refused with the setting's key
        try:
            value = float(text.replace("_", ""))
        except ValueError:
            self._refuse(f"{quoted(text)} is no number", event)
        if not math.isfinite(value):
            self._refuse(f"the number {plain(text)} is too large", event)

    def _check_text(self, text: str, event: Any) -> None:
        if len(text) > LONGEST_TEXT:
            self._refuse(
                f"a text of {len(text)} characters; at most {LONGEST_TEXT} are taken", event
            )
        if odd := next((c for c in text if not c.isprintable() and c not in "\n\t"), None):
            self._refuse(f"the character {quoted(odd)} in a text, which cannot be shown", event)

    @property
    def _is_of_values(self) -> bool:
        """Whether keys here are the values of an axis (`config.along`), of a file or a preset."""
        inside = self._place[1:]
        inside = inside[2:] if inside[:1] == [".presets"] else inside
        return len(inside) == 3 and inside[0] == ".along"

    def _check_keys(self, node: Any) -> None:
        seen = set()
        for key, _ in node.value:
            names = key.tag in (f"{_TAG}str", f"{_TAG}merge")
            if not names and not (self._is_of_values and isinstance(key, ScalarNode)):
                told = plain(key.value) if isinstance(key, ScalarNode) else "a mapping or list"
                _refuse(f"{self._key()}the key {told} is no text; keys are names", key.start_mark)
            if key.value in seen:
                _refuse(f"{self._key()}the key {quoted(key.value)} appears twice; keep one",
                        key.start_mark)  # fmt: skip
            seen.add(key.value)

    def _refuse(self, told: str, event: Any) -> NoReturn:
        _refuse(f"{self._key()}{told}", event.start_mark)

    def _key(self) -> str:
        place = "".join(self._place[-6:]).strip(".")
        return f"{place}: " if place else ""


def _refuse(told: str, mark: Any) -> NoReturn:
    raise ComposerError(None, None, told, mark)


def read_yaml(path: Path) -> dict[str, Any]:
    """A mapping in YAML 1.2, whose keys are text, or values of an axis; ConfigError else."""
    where = named(path)
    parser = YAML(typ="safe", pure=True)
    parser.Composer = _Composer
    try:
        data = parser.load(read_text(path, MOST_BYTES))
    except UnreadableError as error:
        if isinstance(error.__cause__, FileNotFoundError) and not path.is_symlink():
            raise ConfigError(f"{where}: there is no such file") from None
        raise ConfigError(f"{where}: {error.reason}") from None
    except YAMLError as error:
        raise ConfigError(f"{where}: not valid YAML: {_reason(error)}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{where}: expected a mapping of settings, got {type(data).__name__}")
    return data


def _reason(error: Exception) -> str:
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    told = ", ".join(part for part in (error.context, error.problem) if part)
    return f"line {error.problem_mark.line + 1}: {' '.join(told.split())}"
