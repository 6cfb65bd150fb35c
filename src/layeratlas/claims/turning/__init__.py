"""What carries the verdict of a claim, and the smallest change of the data that turns it.

A claim is a function of cubes, and is taken as nothing else: values are changed in copies, and the
claim is judged again. No paper is known here.

- `trials`: many changed copies of an array, carried through one computation
- `fields`: the numbers of cubes by cell, layer and seed; their unit; changes of them
- `judging`: judging one claim on changed cubes, one by one or many at once
- `reading`: which numbers a claim reads
- `smallest`: the smallest change that turns a verdict
- `explaining`: all of it, as one answer
"""
