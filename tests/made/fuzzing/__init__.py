"""Instruments that try what the project keeps with mutations and flipped bits.

`corpus` makes a small real project once; `kinds` says which of its files are of which kind and who
reads them; `mutations` and `flips` spoil one; `zygote` asks the readers in a forked child under a
guard, and `judging` says what is wrong with what came of it.
"""
