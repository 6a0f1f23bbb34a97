"""Settings of hypothesis for every test: one seed, no judgement by the clock.

`HYPOTHESIS_PROFILE=random` searches anew each time, for a night.
"""

import os

from hypothesis import settings

settings.register_profile("reperso", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reperso"))
