"""The bench of the upstream graph finds what it planted, and says so where an edge is not there."""

from headwater.bench import upstream_scale


def test_every_planted_edge_is_found_also_after_an_exhibit_arrived(tmp_path, capsys):
    assert upstream_scale.main(["--pictures", "300", "--more", "50", "--dir", str(tmp_path)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("300 pictures, 300 of them new: ")
    assert second.startswith("350 pictures, 50 of them new: ")
    assert second.endswith("every planted edge and no other")


def test_an_edge_that_was_not_planted_is_a_difference(tmp_path, capsys, monkeypatch):
    model_of = upstream_scale.model_of
    planted = upstream_scale.differences
    monkeypatch.setattr(
        upstream_scale,
        "differences",
        lambda folder, pictures: (
            monkeypatch.setattr(upstream_scale, "model_of", lambda number: 19 if number == 2 else model_of(number))
            or planted(folder, pictures)
        ),
    )
    assert upstream_scale.main(["--pictures", "60", "--more", "20", "--dir", str(tmp_path)]) == 1
    assert "2 edges differ" in capsys.readouterr().out
