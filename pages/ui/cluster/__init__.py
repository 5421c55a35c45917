"""Runs and rooms on any number of machines, shared by several web servers: actors of a Ray cluster, see `studio` and `lobby`."""
