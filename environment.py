"""behave at the repository root: `behave -D sut=modelled -D seed=7` runs them on a system."""

from reperso.hooks import after_scenario, after_step, before_all, before_scenario

__all__ = ["after_scenario", "after_step", "before_all", "before_scenario"]
