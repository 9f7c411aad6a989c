"""Where texts come from: files, folders, patterns, archives and pipes, as bytes with a name."""
