"""What a job leaves behind: its record, and the versions that the record names."""
