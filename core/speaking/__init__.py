"""Asking a model: words, scores, figures. On numpy alone; nothing here loads torch."""
