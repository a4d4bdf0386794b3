"""Plug-ins: what is digested, what is loaded and when. The stand-in is installed where an agency would install one."""

import json
import os
import py_compile
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.stand_in import StandIn

from headwater.model.errors import ExitCode, MissingDependency, WrongUse
from headwater.sandbox import plugins


@pytest.fixture
def stand_in():
    with StandIn() as one:
        yield one


def load(digest, then=""):
    """Load the plug-in as a worker does, in a process of its own."""
    code = f"from headwater.sandbox import plugins\nthing = plugins.loaded('photodna')\nprint(thing is None)\n{then}"
    environment = {**os.environ, **plugins.environment("photodna", digest)}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def test_a_plugin_is_found_without_being_loaded(stand_in):
    there = plugins.installed("photodna")
    assert (there.kind, there.distribution, there.version) == ("photodna", "lighthouse_look", "1.0")
    assert "lighthouse_look" not in sys.modules
    assert plugins.named("photodna", there.digest) == there


@pytest.mark.parametrize("name", ["__init__.py", "more.py", "core.so"])
def test_another_byte_anywhere_in_it_is_another_plugin(stand_in, name):
    before = stand_in.digest
    with (stand_in.package / name).open("ab") as file:
        file.write(b"\n")
    assert stand_in.digest != before
    with pytest.raises(WrongUse, match=r"is not the one that headwater\.toml names") as refused:
        plugins.named("photodna", before)
    assert refused.value.problems == (f"named:     {before}", f"installed: {stand_in.digest}")
    assert refused.value.exit_code == ExitCode.WRONG_USE
    ended = load(before)
    assert ended.returncode != 0
    assert "is not the one that headwater.toml names" in ended.stderr


def test_a_link_in_it_is_refused_for_code_behind_it_would_be_in_no_digest(stand_in, tmp_path):
    before = stand_in.digest
    (tmp_path / "__init__.py").write_text("")
    (stand_in.package / "core").symlink_to(tmp_path)
    stand_in.look_again()
    with pytest.raises(WrongUse, match="holds a link, which its digest cannot cover: lighthouse_look/core"):
        plugins.named("photodna", before)


def test_what_it_is_called_by_is_part_of_it_and_where_it_lies_is_not(stand_in):
    before = stand_in.digest
    (stand_in.info / "INSTALLER").write_text("another")
    assert stand_in.digest == before
    with (stand_in.info / "RECORD").open("a") as file:
        file.write(f"{stand_in.info.name}/entry_points.txt,,\n")
    assert stand_in.digest != before


def test_no_plugin_is_loaded_that_no_digest_names(stand_in, tmp_path):
    canary = tmp_path / "loaded"
    stand_in.install(at_import=f"open({str(canary)!r}, 'w').close()")
    assert load("").stdout == "True\n"
    assert not canary.exists()
    assert load(stand_in.digest).stdout == "False\n"
    assert canary.exists()


def test_compiled_code_beside_a_source_is_not_run(stand_in, tmp_path):
    """Its digest would be the same, and Python would take it for the source's."""
    canary, source = tmp_path / "loaded", stand_in.package / "__init__.py"
    digest, text, times = stand_in.digest, source.read_text(), source.stat()
    other = f"open({str(canary)!r}, 'w').close()\n"
    source.write_text(other + text[len(other) :])  # the same length, so that only the code is another
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    py_compile.compile(str(source))
    source.write_text(text)
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert stand_in.digest == digest
    assert load(digest).stdout == "False\n"
    assert not canary.exists()


@pytest.mark.parametrize(
    "act",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.execv('/bin/true', ['true'])",
    ],
)
def test_loading_a_plugin_reaches_no_network_and_starts_no_program(stand_in, act):
    stand_in.install(at_import=act)
    ended = load(stand_in.digest)
    assert ended.returncode != 0
    assert "PermissionError" in ended.stderr
    assert ended.stdout == ""


def test_a_plugin_may_read_its_own_files_while_it_is_loaded(stand_in):
    stand_in.install(at_import="open(__file__).read()")
    assert load(stand_in.digest).stdout == "False\n"


class Another:
    """A distribution that brings a plug-in of the same kind."""

    metadata = MappingProxyType({"Name": "harbour_look"})
    entry_points = (EntryPoint(name="photodna", value="harbour_look:Look", group=plugins.GROUP),)


def test_none_and_two_are_told(stand_in, monkeypatch):
    there = [*plugins.distributions(), Another()]
    stand_in.look_again()
    monkeypatch.setattr(plugins, "distributions", lambda: there)
    with pytest.raises(WrongUse, match="2 plug-ins are installed for photodna: harbour_look, lighthouse_look"):
        plugins.installed("photodna")
    monkeypatch.undo()
    stand_in.remove()
    assert plugins.installed("photodna") is None
    with pytest.raises(MissingDependency, match="none is installed"):
        plugins.named("photodna", "0" * 64)


def test_the_command_prints_the_line_to_write(stand_in):
    def run(*options):
        headwater = Path(sys.executable).with_name("headwater")
        return subprocess.run([headwater, "plugins", *options], capture_output=True, text=True, check=True)

    digest = stand_in.digest
    ended = run()
    assert ended.stdout == f"photodna   lighthouse_look 1.0   {digest}\n"
    assert f'under [plugins]: photodna = "{digest}"' in ended.stderr
    told = {"kind": "photodna", "distribution": "lighthouse_look", "version": "1.0", "digest": digest}
    assert json.loads(run("--json").stdout) == told
    stand_in.remove()
    ended = run()
    assert (ended.stdout, ended.stderr) == ("", "no plug-in is installed\n")
