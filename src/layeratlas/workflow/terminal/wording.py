"""Times and jobs in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def about(seconds: float) -> str:
    """A time that is not known well: "about 40 seconds", "about 5 minutes", "about 3 hours"."""
    if seconds < 50:
        return f"about {max(5, 5 * round(seconds / 5))} seconds"
    if seconds < 50 * 60:
        minutes = max(1, round(seconds / 60))
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'}"
    hours = seconds / 3600
    if hours < 1.25:
        return "about 1 hour"
    return f"about {hours:.1f} hours" if hours < 9.95 else f"about {hours:,.0f} hours"


def clock(seconds: float) -> str:
    """A time that has passed, as a clock shows it: "0:07", "12:40", "3:05:09"."""
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def took(seconds: float) -> str:
    """A time that has passed, in words: "41 s", "5 min 12 s", "3 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def jobs(number: int) -> str:
    return f"{number:,} {'job' if number == 1 else 'jobs'}"


def rate(units: float, seconds: float, unit: str) -> str:
    """So many units in so many seconds: "310 network-epochs/s"; empty where nothing tells."""
    if units <= 0 or seconds <= 0:
        return ""
    speed = units / seconds
    for divisor, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if speed >= divisor:
            return f"{speed / (1e3 if sign == 'k' else divisor):.3g}{sign} {unit}/s"
    return f"{speed:.0f} {unit}/s" if speed >= 10 else f"{speed:.2g} {unit}/s"


def counts(rules: Mapping[str, int]) -> str:
    """ "prepare_dataset 2 · train 8 · measure 8"."""
    return " · ".join(f"{rule} {number:,}" for rule, number in rules.items())


def some(lines: Iterable[str], most: int, rest: str) -> list[str]:
    """At most so many lines; of more, how many more there are and where: "and 5 more: …"."""
    every = list(lines)
    if len(every) <= most:
        return every
    return [*every[: most - 1], f"and {len(every) - most + 1} more: {rest}"]
