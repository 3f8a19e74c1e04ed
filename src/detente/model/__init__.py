"""The world: Mesa agents over ensemble arrays. Mesa lives here and nowhere else."""
