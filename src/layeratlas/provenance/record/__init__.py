"""What a job leaves behind: the record of who made what, from what, with what."""
