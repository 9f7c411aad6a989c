"""What texts are written in: a module a format, each of which says how sure it is and reads what it knows."""
