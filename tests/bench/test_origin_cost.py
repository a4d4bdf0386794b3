from headwater.bench import inputs, origin_cost
from headwater.bench.photographs import photographs
from headwater.findings.views import connect


def test_one_run_ends_before_anything_is_weighed_and_the_other_weighs(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "HEIGHT_PIXELS", 240)
    monkeypatch.setattr(inputs, "WIDTH_PIXELS", 320)
    photographs(tmp_path / "pictures", 1)
    asked = {}
    for run in (origin_cost.without, origin_cost.whole):
        run(tmp_path / "pictures", tmp_path / run.__name__)
        with connect(tmp_path / run.__name__) as views:
            examiners = {str(name) for (name,) in views.execute("SELECT DISTINCT examiner FROM findings").fetchall()}
            asked[run.__name__] = examiners, len(views.execute("SELECT * FROM origins").fetchall())
    assert asked["without"] == ({*origin_cost.BEFORE}, 0)
    assert asked["whole"][0] > {*origin_cost.BEFORE, "camera"}
    assert asked["whole"][1] == 1
