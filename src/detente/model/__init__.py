"""The world of agents over the ensemble arrays; Mesa lives here and nowhere else."""
