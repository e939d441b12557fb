"""One document in every format: the outlines that are read are equal, and equal to what was written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.reader import read
from tests.fixtures.ofd import ofd
from tests.fixtures.outlines import check_outline
from tests.fixtures.pdf import pdf
from tests.fixtures.plain import md, txt
from tests.fixtures.policy import POLICIES, Policy
from tests.fixtures.web import export, site
from tests.fixtures.word import docx
from tests.ingest.laws import check_chunks, check_partition

WRITERS: dict[str, Callable[[Policy], bytes]] = {
    "txt": txt,
    "md": md,
    "html": site,
    "htm": export,
    "docx": docx,
    "pdf": pdf,
    "ofd": ofd,
}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_outline_is_that_of_the_document(policy: Policy, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"{policy.name}.{suffix}"
    path.write_bytes(WRITERS[suffix](policy))
    document = read(path)
    check_outline(document, policy)
    check_partition(document)
    check_chunks(document)
