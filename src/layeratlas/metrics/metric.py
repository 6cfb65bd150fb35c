"""What a metric is: its function and meaning, what it needs and gives. Light to import."""

from __future__ import annotations

from dataclasses import dataclass

from layeratlas.signals.registry import Of, Signal, used

__all__ = ["Metric"]


@dataclass(frozen=True)
class Metric:
    """A number of each layer, affine map or network: its function and meaning (CF attributes).

    `dims` name further dimensions of an array. `tells_apart`: it is of targets that differ. `seen`
    says what it is computed from in words; by default it lists the signals.
    """

    name: str
    function: str
    needs: tuple[str, ...] = ("features", "targets")
    gives: Of = "layer"
    dims: tuple[str, ...] = ()
    tells_apart: bool = False
    long_name: str = ""
    formula: str = ""
    source: str = ""
    units: str = "1"
    seen: str = ""

    @property
    def signals(self) -> dict[str, Signal]:
        """All signals that it is made of; KeyError for one that is in no table."""
        return used(self.needs)

    @property
    def alone(self) -> bool:
        """Whether it sees one network at a time."""
        return any(signal.alone for signal in self.signals.values())

    @property
    def evaluation(self) -> bool:
        """Whether it is of networks in evaluation mode alone."""
        return any(signal.evaluation for signal in self.signals.values())

    @property
    def first_images(self) -> bool:
        """Whether it sees `measure.step_images` images where no views are asked for."""
        return any(signal.first_images for signal in self.signals.values())

    @property
    def at_start(self) -> bool:
        """Whether it needs the weights before training."""
        return any(signal.at_start for signal in self.signals.values())

    @property
    def at_previous(self) -> bool:
        """Whether it needs the weights of the record before."""
        return any(signal.at_previous for signal in self.signals.values())

    @property
    def targets(self) -> list[tuple[str, ...]]:
        """The kinds of targets that its signals ask for, each one of some, such as classes."""
        asked = {signal.kinds for signal in self.signals.values() if signal.kinds is not None}
        return sorted(asked)

    def takes(self, kind: str) -> bool:
        """Whether it is defined for such targets."""
        return all(kind in kinds for kinds in self.targets)

    @property
    def images(self) -> int:
        """The fewest images of a view that it is of."""
        several = 2 if self.tells_apart else 1
        return max([several, *(signal.images for signal in self.signals.values())])

    @property
    def maps(self) -> int:
        """The fewest affine maps of a network that it is of."""
        own = 1 if self.gives == "affine" else 0
        return max([own, *(signal.maps for signal in self.signals.values())])

    @property
    def whole(self) -> bool:
        """Whether it keeps a kernel of all outputs and images of a network."""
        return any(signal.whole for signal in self.signals.values())

    @property
    def misfit(self) -> str | None:
        """What does not go together, as a part of a sentence: layers' signals of affine maps."""
        for name in self.needs:
            signal = self.signals.get(name)
            if signal and signal.of not in ("network", self.gives):
                return (
                    f"gives a number of each {self.gives} and needs {name!r}, which is of each "
                    f"{signal.of}"
                )
        return None

    def along(self, named: bool) -> bool:
        """Whether it has a number of each view: of `named` ones, or of modes of batch norm."""
        return named or not self.evaluation or self.gives != "network"

    def sees(self, batch_norm: str) -> bool:
        """Whether it is of networks under these statistics of batch norm."""
        return not self.evaluation or batch_norm == "running_statistics"

    def attributes(self) -> dict[str, str]:
        """CF attributes of the variable; what its entry does not tell is left out."""
        told = {
            "long_name": self.long_name or self.name.replace("_", " "),
            "units": self.units,
            "formula": self.formula,
            "references": self.source,
            "comment": f"Computed from {self.seen or ', '.join(self.needs)}.",
        }
        return {name: text for name, text in told.items() if text}
