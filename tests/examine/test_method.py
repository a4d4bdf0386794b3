import ast
import inspect

from headwater.examine import filetype, method, registry
from headwater.examine.method import _closure, code_digest


def test_the_digest_covers_what_an_examiner_imports():
    reached = _closure("headwater.examine.perceptual")
    assert {"headwater.examine.perceptual", "headwater.kernels.pdq", "headwater.examine.decode"} <= reached
    assert all(name.startswith("headwater") for name in reached)
    assert "headwater.examine.metadata" not in reached


def test_two_examiners_have_two_digests_and_each_keeps_its_own():
    digests = {each.name: code_digest(each.module) for each in registry.BUILT_IN}
    assert len(set(digests.values())) == len(digests)
    assert digests == {each.name: code_digest(each.module) for each in registry.BUILT_IN}


def test_the_set_digest_changes_with_the_settings_and_with_the_set():
    names = tuple(each.name for each in registry.BUILT_IN)
    one = registry.examiner_set_digest(registry.methods(names, "a"))
    assert one == registry.examiner_set_digest(registry.methods(names, "a"))
    assert one != registry.examiner_set_digest(registry.methods(names, "b"))
    assert one != registry.examiner_set_digest(registry.methods(names[:-1], "a"))


def test_the_source_that_is_digested_is_the_source_that_runs():
    assert ast.parse(inspect.getsource(filetype))
    assert "headwater.examine.filetype" in _closure("headwater.examine.filetype")


def test_a_module_that_many_examiners_import_is_parsed_once(monkeypatch):
    parsed = []
    for cached in (method.code_digest, method._imports, method._source):
        cached.cache_clear()
    whole = ast.parse
    monkeypatch.setattr(ast, "parse", lambda source: parsed.append(source) or whole(source))
    registry.methods([each.name for each in registry.BUILT_IN], "")
    assert len(parsed) == len(set(parsed))
