import pytest

from headwater.bench.corpus_disks import main


@pytest.mark.parametrize("made", [None, "made"])
def test_a_corpus_that_is_not_there_ends_with_two_and_words(tmp_path, capsys, made):
    corpus = tmp_path / "disks"
    if made:
        (corpus / made).mkdir(parents=True)
    with pytest.raises(SystemExit) as ended:
        main([str(corpus)])
    said = capsys.readouterr().err
    assert (ended.value.code, "made_known_files.json not there" in said) == (2, True)
