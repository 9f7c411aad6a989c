"""Text in: where texts come from, cleaning, splitting, tokenizing, batches."""
