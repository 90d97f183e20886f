"""From a model's module to its checkpoint: runs, their trainer, and what it computes with."""
