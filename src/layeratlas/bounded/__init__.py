"""Reading what somebody else may have written, or a disk may have changed.

Of whatever is read there is a bound: bytes, depth, number of items, size of a number. What passes
it, what is no regular file, and what is not whole gives one error, `errors.UnreadableError`, that
names the file; so one bad file never ends a question about others.
"""
