"""Making a model: devices, the training loop, its recorder, its session. Everything here may load torch."""
