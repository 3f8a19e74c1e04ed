"""Under its old name until its callers have moved."""

from detente.prose.wording import *  # noqa: F403
