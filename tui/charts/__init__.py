"""Series, scales and drawings of a chart. No widget here."""
