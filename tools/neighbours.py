"""Whether kzt_rates can be installed beside what people already have, without installing it.

For each neighbour uv resolves the newest release alone, then that release together with what
kzt_rates depends on. It ends with 1 where that cannot be, or where a package of the neighbour's
had to be taken in an older version; a sentence for each names who wants what.
"""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
PYTHONS = ("3.11", "3.14")  # others by argument
# Many hold an upper bound on something that is ours, too.
NEIGHBOURS = (
    *("boto3", "celery", "dbt-core", "prefect", "s3fs", "moto", "google-cloud-bigquery"),
    *("holidays", "feast", "django", "fastapi", "streamlit", "apache-airflow"),
)
# those that the extras meet, too
BESIDE_ALL = ("pandas>=2.2,<2.3", "pandas>=3")

NO_SOLUTION = "No solution found"
Resolve = Callable[[str, list[str]], dict[str, str]]


class Unsolvable(Exception):
    """No set of versions satisfies everybody; the message says why."""


def requirements(*extras: str) -> list[str]:
    """Return what kzt_rates depends on, extras of extras included."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    found = list(project["dependencies"])
    for extra in extras:
        for requirement in project["optional-dependencies"][extra]:
            own = re.fullmatch(r"kzt_rates\[(.+)\]", requirement)
            found += requirements(*own[1].split(","))[len(project["dependencies"]) :] if own else []
            found += [] if own else [requirement]
    return found


def conflicts(resolve: Resolve, neighbour: str, python: str, ours: list[str]) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong; nothing where the neighbour is not for it."""
    try:
        alone = resolve(python, [neighbour])
    except Unsolvable:
        return
    name = re.split(r"[<>=]", neighbour)[0]
    here = f"beside {name} {alone[name]} on Python {python}"
    try:
        together = resolve(python, [f"{name}=={alone[name]}", *ours])
    except Unsolvable as error:
        yield f"kzt_rates cannot be installed {here}: {error}"
        return
    for package, version in alone.items():
        if package in together and numbers(together[package]) < numbers(version):
            yield (
                f"kzt_rates {here} takes {package} back from {version} to {together[package]}; "
                f"what kzt_rates wants: {', '.join(ours)}"
            )


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as it is ordered, but for pre-releases, which nobody resolves to."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def resolve_by_uv(python: str, wanted: list[str]) -> dict[str, str]:
    """Return the version of each package that would be installed."""
    asked = subprocess.run(  # noqa: S603  # our own words
        (
            *("uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-config"),
            *("--python-version", python, "-"),
        ),
        input="\n".join(wanted),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"},
    )
    said = " ".join(re.sub("[×╰─▶│]", " ", asked.stderr).split())
    if NO_SOLUTION in said:
        raise Unsolvable(said[max(0, said.find("Because")) :])
    if asked.returncode:
        sys.exit(f"uv cannot resolve {', '.join(wanted)}: {said}")
    lines = (line.partition(" ;")[0].partition("==") for line in asked.stdout.splitlines())
    return {name: version for name, _, version in lines if version}


def main(pythons: list[str]) -> int:
    """Print what is wrong; return 1 where anything is."""
    everybody = [(name, requirements()) for name in NEIGHBOURS]
    everybody += [(name, requirements("all")) for name in BESIDE_ALL]
    found = [
        sentence
        for python in pythons or PYTHONS
        for neighbour, ours in everybody
        for sentence in conflicts(resolve_by_uv, neighbour, python, ours)
    ]
    print("\n".join(found) or f"kzt_rates can be installed beside all {len(everybody)} neighbours")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
