"""The ground floor, what every kind of job shares: runs, shards, streams, kernels, places."""
