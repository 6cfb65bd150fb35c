"""Networks of infinite width at their start: how alike two inputs are, forward and backward.

`relu` and `smooth` are the maps that one layer applies to a correlation, `recursion` applies them
layer after layer, `edge` finds initial laws at the edge of chaos, `crossing` where two sequences
meet; `asymptotics`, `kernel` and `bounds` have what follows in closed form. `choosing` gives the
map of a network's settings. Numbers go in and come out, no networks.

Everywhere g = 1 − c is kept and not c: near the edge of chaos c tends to 1, and 1 − f(c) computed
from c has no digits left. Layers count from 1, the input layer, to L, the read-out.
"""
