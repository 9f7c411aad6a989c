"""A talk with a model, its pace, and what the model makes of a line while it is typed. No widget here."""
