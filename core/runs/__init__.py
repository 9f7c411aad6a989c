"""What is on the disk: the folder of all runs, one run's folder, its files and what they say. No torch here."""
