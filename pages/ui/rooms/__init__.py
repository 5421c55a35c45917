"""Rooms: a lecturer and many students at one instrument. What they see together, and what they are asked."""
