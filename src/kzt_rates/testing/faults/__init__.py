"""The faults of the stand-in bank by name: what `StandInBank.fail` can be asked for."""

from collections.abc import Mapping
from types import MappingProxyType

from kzt_rates.testing.faults import answers, documents, workbooks
from kzt_rates.testing.faults.fault import Fault

# each module declares its own; here they only come together, in the order of their lines; where the
# export has one too, that is the last of the name, and both
FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        fault.name: fault
        for module in (answers, documents, workbooks)
        for fault in vars(module).values()
        if isinstance(fault, Fault)
    }
)


def find_fault(name: str) -> Fault:
    """Return the fault of that name; raises `ValueError` naming those there are."""
    try:
        return FAULTS[name]
    except KeyError:
        known = ", ".join(sorted(FAULTS))
        raise ValueError(f"no fault is called {name!r}; known are {known}") from None
