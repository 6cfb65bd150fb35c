"""What users add without touching the package: files of theirs, and installed packages.

`places` says where their files are, `loading` runs them, `sources` reads their text: what counts of
it for the identity of what uses it.
"""
