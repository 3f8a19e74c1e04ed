"""The world: Mesa agents over ensemble arrays. Mesa lives here and nowhere else."""

import warnings

# Mesa brings a progress bar that wants widgets wherever it is imported in a notebook: detente has no use for it
warnings.filterwarnings("ignore", message="IProgress not found")
