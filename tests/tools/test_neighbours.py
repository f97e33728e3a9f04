"""The look at the neighbours, with a resolver that knows a few packages."""

import neighbours
import pytest

ALONE = {"celery": "5.7.0", "python-dateutil": "2.9.0.post0"}
OURS = ["python-dateutil>=4"]


def resolver(answers):
    """Resolve as said for the first and the second question; an exception is raised."""
    given = iter(answers)
    asked = []

    def resolve(python, wanted):
        asked.append((python, wanted))
        answer = next(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    resolve.asked = asked
    return resolve


def test_a_conflict_is_a_sentence_that_names_both():
    """The newest neighbour, the Python and the resolver's reason are in it."""
    resolve = resolver([ALONE, neighbours.Unsolvable("Because celery pins python-dateutil.")])
    (sentence,) = neighbours.conflicts(resolve, "celery", "3.11", OURS)
    assert sentence == (
        "kzt_rates cannot be installed beside celery 5.7.0 on Python 3.11: "
        "Because celery pins python-dateutil."
    )
    assert resolve.asked == [
        ("3.11", ["celery"]),
        ("3.11", ["celery==5.7.0", "python-dateutil>=4"]),
    ]


def test_what_is_taken_back_is_a_conflict():
    """An older version of anything the neighbour had is a sentence; a newer one is none."""
    together = {"celery": "5.7.0", "python-dateutil": "2.10.0", "lxml": "6.1.3"}
    assert not list(neighbours.conflicts(resolver([ALONE, together]), "celery", "3.11", OURS))
    together["python-dateutil"] = "2.9.0"
    (sentence,) = neighbours.conflicts(resolver([ALONE, together]), "celery", "3.11", OURS)
    assert "takes python-dateutil back from 2.9.0.post0 to 2.9.0" in sentence


def test_a_neighbour_that_is_not_for_this_python_is_none():
    """What cannot be installed alone says nothing about us."""
    resolve = resolver([neighbours.Unsolvable("Because it needs an older Python.")])
    assert not list(neighbours.conflicts(resolve, "celery>=5", "3.14", OURS))


def test_ours_are_those_of_pyproject():
    """Extras of extras are included, and none of them is ourselves."""
    base, everything = neighbours.requirements(), neighbours.requirements("all")
    assert any(name.startswith("httpx>=") for name in base)
    assert everything[: len(base)] == base
    assert {"narwhals", "matplotlib", "rich"} <= {name.partition(">")[0] for name in everything}
    assert not any("kzt_rates" in name for name in everything)


@pytest.mark.parametrize(
    ("older", "newer"),
    [("2.9.0", "2.10"), ("2.9.0", "2.9.0.post0"), ("1.9", "2.0.1"), ("2026.8.0", "2026.10.0")],
)
def test_versions_are_numbers(older, newer):
    """Ten comes after nine."""
    assert neighbours.numbers(older) < neighbours.numbers(newer)
