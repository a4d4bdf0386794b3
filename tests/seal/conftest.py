from collections.abc import Callable
from pathlib import Path

import pytest

from headwater.seal.chain import Chain
from headwater.seal.keys import Signer, load_signer


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config"


@pytest.fixture
def signer(config: Path) -> Signer:
    return load_signer(config)


@pytest.fixture
def make_chain(tmp_path: Path, signer: Signer) -> Callable[[int], Chain]:
    def make(entries: int) -> Chain:
        (tmp_path / "operation").mkdir()
        chain = Chain(tmp_path / "operation" / "custody.jsonl", signer)
        for number in range(entries):
            chain.append("note", {"lighthouse": number, "name": "Kap é \udcff"})
        return chain

    return make
