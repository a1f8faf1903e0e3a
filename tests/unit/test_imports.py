"""The direction of imports is part of the design; import-linter checks it among our modules, this also beyond them."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ACTORS = ROOT / "actors"
BEHAVIOURS = ("user", "ticket", "order", "expiration", "payment")
PURE = {"actors.contract", "msgspec", "msgspec.structs", "datetime", "typing"}
"""What any behaviour may import."""


def rules_of(behaviour: str) -> set[str]:
    """Its own modules."""
    paths = [ACTORS / f"{behaviour}.py", *ACTORS.glob(f"{behaviour}_*.py")]
    return {f"actors.{path.stem}" for path in paths}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_behaviour_imports_the_contract_and_its_own_rules(behaviour: str) -> None:
    own = rules_of(behaviour)
    for module in own:
        strange = imported(ROOT / f"{module.replace('.', '/')}.py") - PURE - own
        assert not strange, f"{module} imports {strange}"


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("ticket", "from actors.order import expire"),
        ("user", "from actors.runtime.message import refuse"),
        ("expiration", "from actors.config import Config"),
        ("order_state", "from actors.payment_state import Payment"),
        ("payment_news", "from actors.order import expire"),
    ],
)
def test_import_linter_holds_the_same(module: str, line: str, tmp_path: Path) -> None:
    # Given the project as it is, but for one line,
    for package in ("actors", "serve_app", "cluster"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "actors" / f"{module}.py").open("a") as rules:
        rules.write(f"\n{line}\n")
    # then `make check` ends at that line.
    linter = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    ended = subprocess.run(linter, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert f"actors.{module} -> {line.split()[1]}" in ended.stdout
    assert "1 broken" in ended.stdout


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
