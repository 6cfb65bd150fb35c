"""The four panels of the noise–nonlinearity phase diagram. Light to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """One panel: its letter, its noise axis, and its title as published."""

    letter: str
    noise: str
    title: str

    @property
    def experiment(self) -> str:
        """The experiment that trains its networks."""
        return f"phase_diagram_{self.noise}"

    @property
    def fit(self) -> str:
        """The experiment that fits chains to its networks."""
        return f"spring_fit_{self.noise}"

    @property
    def subject(self) -> str:
        """Letter and title in running text: "a data noise"."""
        return f"{self.letter} {self.title.lower()}"


#: In the order of the published figure.
PANELS = (
    Panel("a", "data_noise", "Data noise"),
    Panel("b", "learning_rate", "Learning rate"),
    Panel("c", "dropout", "Dropout"),
    Panel("d", "batch_size", "Batch size"),
)

#: The file of `data/reference` that holds panels a and c, digitised.
DIGITISED = "spring_block_phase_diagram_published.csv"
