"""The systems that the steps can drive, by name. Nothing is imported before it is asked for."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from steps.driver import Driver, DriverError, Factory, Setup

SYSTEMS: Mapping[str, str] = {
    "modelled": "steps.drivers.modelled:factory",
    "simulated": "steps.drivers.simulated:factory",
    "served": "steps.drivers.served:factory",
    "shadowed": "steps.drivers.shadowed:factory",
}
JSONL = "jsonl:"
"""Begins the name of a system that is a program: what follows is its command."""

SHADOWED = re.compile(r"shadowed\((?P<system>.+)\)")


class UnknownSystemError(DriverError):
    """No system of this name can be found, or what is found cannot be imported."""


class NotADriverError(DriverError):
    """What was found does not do what `steps.driver.Driver` says."""


@cache
def load(name: str) -> Factory:
    """Return the factory of a system.

    Args:
        name: "modelled", "simulated", "shadowed", "package.module:factory", "jsonl:COMMAND", or
            "shadowed(X)" with any of these for X: the model then walks beside X.

    Raises:
        UnknownSystemError: no such name, module or attribute.
        NotADriverError: it is no factory. What the factory makes is looked at when it is made.
    """
    if shadowed := SHADOWED.fullmatch(name):
        beside: Callable[[Factory], Factory] = _attribute("steps.drivers.shadowed:beside", name)
        return beside(load(shadowed["system"]))
    if name.startswith(JSONL):
        over_lines: Callable[[str], Factory] = _attribute("steps.drivers.jsonl:over_lines", name)
        return over_lines(name.removeprefix(JSONL))
    place = SYSTEMS.get(name, name)
    if ":" not in place:
        known = ", ".join(sorted(SYSTEMS))
        raise UnknownSystemError(f"no system {name!r}: there are {known}, package.module:factory")
    made_by = _attribute(place, name)
    if not callable(made_by):
        raise NotADriverError(f"{name}: {place} is a {type(made_by).__name__}, not a factory")

    def make(setup: Setup) -> Driver:
        driver: Driver = made_by(setup)
        demand_driver(driver, name)
        return driver

    return make


def demand_driver(driver: object, name: str) -> None:
    """Check that `driver`, made by the system `name`, takes every call that a step can make.

    Raises:
        NotADriverError: naming each call that is missing or takes other arguments.
    """
    kind: Any = type(driver)
    own = getattr(driver, "__dict__", {})
    if calls().keys().isdisjoint(own) and _takes_every_call(kind):
        return
    faults = [fault for call in calls().items() if (fault := _fault(driver, *call))]
    if faults:
        raise NotADriverError(f"{name}: {type(driver).__name__} {'; '.join(faults)}")


@cache
def calls(protocol: type = Driver) -> Mapping[str, inspect.Signature]:
    """Return the calls of `protocol`, with the arguments that a step gives to each."""
    members = {
        name: member
        for base in (*protocol.__mro__[1:], protocol)
        for name, member in vars(base).items()
        if getattr(base, "_is_protocol", False) and inspect.isfunction(member)
    }
    return {
        name: _bare(inspect.signature(member))
        for name, member in members.items()
        if not name.startswith("_")
    }


def _bare(signature: inspect.Signature) -> inspect.Signature:
    """Leave out `self` and the annotations: what remains is how a step calls it."""
    parameters = list(signature.parameters.values())[1:]
    return inspect.Signature([one.replace(annotation=one.empty) for one in parameters])


@cache
def _takes_every_call(kind: type) -> bool:
    """Whether whatever is made of a class takes every call, by methods that the class declares.

    A system makes a driver for each scenario: they need not be looked at one by one.
    """
    methods = {name: inspect.getattr_static(kind, name, None) for name in calls()}
    return all(
        inspect.isfunction(method) and _misfit(method, declared, of_class=True) is None
        for method, declared in zip(methods.values(), calls().values(), strict=True)
    )


def _fault(driver: object, name: str, declared: inspect.Signature) -> str | None:
    call = getattr(driver, name, None)
    if call is None:
        return f"lacks {name}{declared}"
    if not callable(call):
        return f"has {name}, but it cannot be called"
    misfit = _misfit(call, declared)
    return f"does not take {name}{declared}: {misfit}" if misfit else None


def _misfit(
    call: Callable[..., Any], declared: inspect.Signature, *, of_class: bool = False
) -> TypeError | None:
    """Return why a call, or a method before it is bound, does not take what a step gives to it."""
    given = declared.parameters.values()
    by_name = {one.name: None for one in given if one.kind is inspect.Parameter.KEYWORD_ONLY}
    in_order = [None for one in given if one.name not in by_name]
    try:
        inspect.signature(call).bind(*[None] * of_class, *in_order, **by_name)
    except TypeError as error:
        return error
    return None


def _attribute(place: str, name: str) -> Any:
    module_name, _, attribute = place.partition(":")
    try:
        module = importlib.import_module(module_name)
    except (ImportError, SyntaxError, ValueError) as error:
        raise UnknownSystemError(f"no system {name!r}: {module_name}: {error}") from error
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise UnknownSystemError(f"no system {name!r}: {module_name} has no {attribute}") from None
