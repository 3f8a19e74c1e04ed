"""The what-if page: levers of a scenario, answers to where they are set, and the local application that serves both."""

import sys

from detente import Call

sys.modules[__name__].__class__ = Call
