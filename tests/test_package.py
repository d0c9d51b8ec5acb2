"""What is installed: the public face, what it pulls in, what the wheel holds, which way imports point."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import metadata, packages_distributions
from pathlib import Path

import pytest

import sayso

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "sayso"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HEAVY = {
    "alembic", "httpx", "htmldate", "jinja2", "lxml", "numpy", "onnxruntime", "py3langid", "rich", "sqlalchemy",
    "tokenizers", "trafilatura", "argon2", "fastapi", "starlette", "uvicorn",
}  # fmt: skip


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are there after some code, in a fresh interpreter."""
    told = "json.dumps(sorted({m.split('.')[0] for m in sys.modules}))"
    script = f"{code}\nimport json, sys\nprint({told}, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return set(json.loads(done.stderr.strip().splitlines()[-1]))


def test_the_public_face() -> None:
    assert sayso.__all__ == ["Claim", "Ledger", "Post", "Reader", "Thread", "errors", "read"]
    for name in sayso.__all__:
        assert getattr(sayso, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'raed'"):
        sayso.raed  # noqa: B018  asking is what is tested


def test_the_version_is_one() -> None:
    assert metadata("sayso")["Version"] == sayso.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == sayso.__version__


def test_importing_sayso_loads_nothing_heavy() -> None:
    assert loaded_by("import sayso") & (HEAVY | {"click"}) == set()


def test_types_and_errors_load_nothing_heavy() -> None:
    assert loaded_by("from sayso import Claim, Post, Thread, errors") & (HEAVY | {"click"}) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["read", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(f"from sayso.cli import run\nassert run({arguments!r}) == 0") & HEAVY == set()


def test_what_is_imported_is_declared() -> None:
    """Every third-party package that the code imports is a dependency of its own, of the package or of an extra."""
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *(r for name in extras if name not in ("dev", "train") for r in extras[name])]
    declared = {re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-") for requirement in asked}
    by_module = packages_distributions()
    imported = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                imported.add(node.module.split(".")[0])
    others = imported - set(sys.stdlib_module_names) - {"sayso", "__future__"}
    named = {m: {d.lower().replace("_", "-") for d in by_module.get(m, [m])} for m in others}
    assert {module for module, distributions in named.items() if not distributions & declared} == set()


def test_no_training_framework_is_needed() -> None:
    assert not [r for r in PROJECT["dependencies"] if re.match(r"(torch|tensorflow|spacy|transformers|huggingface)", r)]


# From the lowest to the highest; one imports only what stands before it. Modules that are not named stand on top.
LAYERS = ["errors", "values", "garbage", "posts", "timing", "model", "intake", "reading"]
LAYERS += ["scoring", "export", "ledger", "web", "archive"]


def layer(module: str) -> int:
    parts = module.split(".")
    if parts[-1].startswith(("commands", "terminal")):
        return len(LAYERS)  # the part of the command line that stands beside what it commands
    return LAYERS.index(parts[1]) if len(parts) > 1 and parts[1] in LAYERS else len(LAYERS)


def test_imports_point_one_way() -> None:
    wrong = []
    for path in modules():
        own = ".".join(("sayso", *path.relative_to(PACKAGE).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sayso."):
                assert node.module is not None
                if layer(node.module) > layer(own):
                    wrong.append(f"{own} imports {node.module}")
    assert wrong == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    builders = pytest.importorskip("hatchling.builders.wheel")
    folder = tmp_path_factory.mktemp("wheel")
    (made,) = builders.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(made)


def test_the_wheel_holds_the_package_whole_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    inside = set(wheel.namelist())
    on_disk = {
        str(path.relative_to(ROOT / "src"))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert on_disk - inside == set()
    assert {name.split("/")[0] for name in inside} == {"sayso", f"sayso-{sayso.__version__}.dist-info"}


@pytest.mark.parametrize(
    "name",
    [
        "py.typed",
        "export/claim.schema.json",
        "export/templates/page.html",
        "model/CARD.md",
        "model/reader.onnx",
        "model/reader.json",
        "model/heads.npz",
        "model/tokenizer.json",
        "reading/odds/yardsticks.csv",
        "reading/people/weights.json",
    ],
)
def test_the_wheel_holds_the_data(wheel: zipfile.ZipFile, name: str) -> None:
    assert wheel.getinfo(f"sayso/{name}").file_size >= (0 if name == "py.typed" else 10)


def test_the_wheel_holds_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    info = f"sayso-{sayso.__version__}.dist-info"
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
    assert f"{info}/licenses/NOTICE" in wheel.namelist()
    assert "sayso = sayso.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_weights_are_at_most_30_mb(wheel: zipfile.ZipFile) -> None:
    weights = [i for i in wheel.infolist() if i.filename.startswith("sayso/model/") and not i.filename.endswith(".py")]
    assert sum(i.file_size for i in weights) <= 30_000_000


def test_the_lock_agrees_with_what_is_asked_for() -> None:
    """Every dependency is pinned in requirements.lock, in a version that its range admits."""
    requirements = pytest.importorskip("packaging.requirements")
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pinned = dict(line.lower().split("==") for line in lines if "==" in line)
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *(r for name, rows in extras.items() if name != "train" for r in rows)]
    for text in asked:
        requirement = requirements.Requirement(text)
        names = {requirement.name.lower(), requirement.name.lower().replace("_", "-")}
        versions = [version for name, version in pinned.items() if name.replace("_", "-") in names or name in names]
        assert versions, f"{requirement.name} is not in requirements.lock; run `make lock`"
        assert requirement.specifier.contains(versions[0]), f"{text}, but requirements.lock has {versions[0]}"
