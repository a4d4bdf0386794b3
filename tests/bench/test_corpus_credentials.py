"""The table of credentials and labels over a folder."""

import pytest

from headwater.bench.corpus_credentials import main
from headwater.examine.declared_examples import samsung_trailer
from headwater.examine.metadata_examples import png
from headwater.formats.source_types import BASE

CREATED = {"action": "c2pa.created", "digitalSourceType": f"{BASE}trainedAlgorithmicMedia"}


@pytest.fixture
def folder(tmp_path, authority):
    made = tmp_path / "pictures"
    made.mkdir()
    (made / "signed.png").write_bytes(authority.sign(png(), CREATED))
    (made / "edited.png").write_bytes(png(trailing=samsung_trailer(PEg_Info=b'{"genAIType":8}')))
    (made / "log.txt").write_text("clear sky\n")
    return made


def test_states_and_labels_are_counted_with_and_without_a_list(folder, tmp_path, authority, capsys):
    assert main([str(folder)]) == 0
    said = capsys.readouterr().out
    assert "signed.png  valid  binding match  fails signingCredential.untrusted  states generated" in said
    assert "     1  declared.vendor: samsung" in said
    assert "     3  files" in said
    (tmp_path / "list.pem").write_bytes(authority.pem)
    assert main([str(folder), "--trust", str(tmp_path / "list.pem")]) == 0
    assert "     1  c2pa.state: trusted" in capsys.readouterr().out


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "absent")])
    assert ended.value.code == 2
    assert "is not a folder" in capsys.readouterr().err
