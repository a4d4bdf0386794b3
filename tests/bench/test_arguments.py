import pytest

from headwater.bench import corpus_disks, corpus_metadata, disk_damage


@pytest.mark.parametrize(
    "proof",
    [
        lambda path: disk_damage.main([path]),
        lambda path: corpus_metadata.main([path]),
        lambda path: corpus_disks.main([path]),
    ],
)
def test_what_is_not_there_is_wrong_use_in_words(proof, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    for path in ("/there/is/nothing", str(tmp_path / "empty")):
        with pytest.raises(SystemExit) as stopped:
            proof(path)
        assert stopped.value.code == 2
        said = capsys.readouterr()
        assert path in said.err
        assert said.out == ""


def test_a_folder_that_is_no_corpus_of_disk_images_is_told(tmp_path, capsys):
    (tmp_path / "log.txt").write_text("clear sky\n")
    with pytest.raises(SystemExit) as stopped:
        corpus_disks.main([str(tmp_path)])
    assert stopped.value.code == 2
    assert "made_known_files.json" in capsys.readouterr().err
