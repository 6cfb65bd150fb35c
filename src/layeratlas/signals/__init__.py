"""What a metric may see of a network: named signals on a view of the data.

A *view* says which images of which split, with which targets, under which statistics of batch norm.
A *network* is weights bound to a family: features, tape, loss, gradient step. A *signal* is a named
function of these and of other signals (`registry.SIGNALS`); a *reading* computes what some metrics
need of them, each once, in one batch of images or in sums over several (`reading`).
"""
