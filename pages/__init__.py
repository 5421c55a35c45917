"""The lessons, one file each, and what they share (`ui`)."""
