"""The engine: training, evaluation, generation, checkpoints, runs and sessions, without a screen."""
