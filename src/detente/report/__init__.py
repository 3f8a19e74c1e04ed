"""Reports: one folder of facts, page, figures and tables. ``detente.report(…)`` writes one."""

import sys

from detente import Call

sys.modules[__name__].__class__ = Call
