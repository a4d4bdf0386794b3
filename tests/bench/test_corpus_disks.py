import pytest

from headwater.bench.corpus_disks import main


@pytest.mark.parametrize(("made", "words"), [(None, "is not a folder"), ("made", "made_known_files.json not there")])
def test_a_corpus_that_is_not_there_ends_with_two_and_words(tmp_path, capsys, made, words):
    corpus = tmp_path / "disks"
    if made:
        (corpus / made).mkdir(parents=True)
    with pytest.raises(SystemExit) as ended:
        main([str(corpus)])
    assert (ended.value.code, words in capsys.readouterr().err) == (2, True)
