"""The direction of imports is part of the design; import-linter checks the layers, this the behaviours."""

import ast
from pathlib import Path

import pytest

ACTORS = Path(__file__).parents[2] / "actors"
RULES = sorted(path.stem for path in ACTORS.glob("*.py") if path.stem.startswith(("order", "payment")))
RULES += ["user", "ticket", "expiration"]
PURE = {
    "actors.contract",
    *(f"actors.{name}" for name in RULES),
    "msgspec",
    "msgspec.structs",
    "datetime",
    "typing",
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("name", RULES)
def test_a_behaviour_imports_the_contract_and_nothing_that_acts(name: str) -> None:
    assert imported(ACTORS / f"{name}.py") <= PURE


@pytest.mark.parametrize("path", sorted((ACTORS / "runtime").glob("*.py")), ids=lambda path: path.stem)
def test_the_runtime_knows_no_ticket(path: Path) -> None:
    ours = {name for name in imported(path) if name.startswith("actors.")}
    assert all(name.startswith("actors.runtime.") for name in ours)


@pytest.mark.parametrize("path", sorted((ACTORS / "runtime").glob("*.py")), ids=lambda path: path.stem)
def test_only_the_ray_modules_of_the_runtime_import_ray(path: Path) -> None:
    uses_ray = any(name.split(".")[0] == "ray" for name in imported(path))
    assert not uses_ray or path.stem.startswith("ray_")


def test_a_process_that_never_talks_to_stripe_does_not_load_its_sdk() -> None:
    at_import = ast.parse((ACTORS / "bootstrap.py").read_text()).body
    names = {node.module or "" for node in at_import if isinstance(node, ast.ImportFrom)}
    assert not {name for name in names if name.startswith(("actors.gateway", "stripe"))}
