"""One HTTP exchange with another server: the port, and what is behind it where the host gives nothing else."""
