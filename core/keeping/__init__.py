"""What is kept of talking: talks as trees of words, on the disk as they grow, and the texts worth keeping."""
