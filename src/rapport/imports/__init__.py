"""Records from files: a file is stored in pieces as it arrives, and a job writes its rows, batch by batch."""
