"""What import-linter is told, against what there is; and what a process that works on evidence has loaded."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import headwater
from headwater.examine import registry

ROOT = Path(headwater.__file__).parent
CONTRACTS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
ONLY_FOR_WORKERS = (
    "PIL", "defusedxml", "numba", "pi_heif", "pytsk3", "simplejpeg", "zlib_ng", "zstandard",
    "headwater.evidence.archive", "headwater.evidence.open", "headwater.examine.decode", "headwater.examine.worker",
    "headwater.formats.png", "headwater.kernels",
)  # fmt: skip
# A command that only builds, measures or lists loads more, and works on no seized evidence.
LOADS_MORE = ("demo", "bench", "examiners")
BROKER = """
import importlib, pkgutil, sys
import headwater.cli.main, headwater.cli, headwater.steps, headwater.export, headwater.findings, headwater.seal
for package in (headwater.cli, headwater.steps, headwater.export, headwater.findings, headwater.seal):
    for module in pkgutil.iter_modules(package.__path__):
        if not (package is headwater.cli and module.name in {loads_more}):
            importlib.import_module(package.__name__ + "." + module.name)
print(*sys.modules)
"""


def contract(begin):
    (found,) = [each for each in CONTRACTS if each["name"].startswith(begin)]
    return found


def test_every_examiner_is_registered_and_none_may_import_another():
    there = []
    for path in sorted((ROOT / "examine").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            methods = {each.name for each in getattr(node, "body", ()) if isinstance(each, ast.FunctionDef)}
            bases = [ast.unparse(base) for base in getattr(node, "bases", ())]
            if (
                isinstance(node, ast.ClassDef)
                and {"accepts", "examine", "examples"} <= methods
                and "Protocol" not in bases
            ):
                there.append(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
    assert len(there) >= 4
    assert sorted(each.module for each in registry.BUILT_IN) == there
    assert contract("Examiners never")["modules"] == there


def test_the_broker_loads_no_parser_and_no_decoder():
    code = BROKER.replace("{loads_more}", repr(LOADS_MORE))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = set(ended.stdout.split())
    assert "headwater.steps.runner" in loaded
    assert [name for name in ONLY_FOR_WORKERS if name in loaded] == []


def test_a_worker_loads_all_of_them():
    """Else the test above would look for names that nobody loads."""
    asked = "import sys, headwater.examine.worker; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)
    assert [name for name in ONLY_FOR_WORKERS if name not in ended.stdout.split()] == []


def test_a_worker_that_is_warm_has_not_loaded_what_no_kernel_uses():
    asked = "import sys, headwater.examine.worker as worker; worker.prepare(); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)
    loaded = ended.stdout.split()
    assert "headwater.kernels.prnu" in loaded
    assert [name for name in loaded if name.startswith(("scipy.linalg", "scipy.stats"))] == []
