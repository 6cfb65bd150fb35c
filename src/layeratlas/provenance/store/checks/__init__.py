"""What `verify` looks at, a kind of file a module: each gives findings."""
