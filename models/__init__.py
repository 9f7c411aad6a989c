"""Networks and the n-gram baseline: modules, configurations and presets, without I/O or a training loop."""
