"""Claims: `Claim`, the `Ledger` that collects them, their files and their scoreboard. No paper."""
