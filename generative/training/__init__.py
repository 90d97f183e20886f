"""From a recipe to a checkpoint: runs, the trainer that they drive, and what it computes with."""
