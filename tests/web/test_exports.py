from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from errors import ConfigError
from web.exports import Exports


def made(exports: Exports, text: str) -> Path:
    exports.offer(".md", lambda path: path.write_text(text, encoding="utf-8"))
    (folder,) = {path.parent for path in exports._folder.rglob("wence.md") if path.read_text(encoding="utf-8") == text}
    return folder


def test_a_file_is_kept_for_its_download_and_goes_with_the_server() -> None:
    exports = Exports()
    old, new = made(exports, "旧"), made(exports, "新")
    assert {path.read_text(encoding="utf-8") for path in exports._folder.rglob("wence.md")} == {"旧", "新"}
    assert exports._folder.stat().st_mode & 0o077 == 0, "nobody else on this machine may read it"
    hour_ago = time.time() - 3600
    os.utime(old, (hour_ago, hour_ago))
    made(exports, "更新")
    assert not old.exists()
    assert new.exists()
    exports.close()
    assert not exports._folder.exists()


def test_what_cannot_be_written_is_an_error() -> None:
    exports = Exports()

    def fail(_: Path) -> None:
        raise ConfigError("写不了")

    with pytest.raises(ConfigError):
        exports.offer(".docx", fail)
    exports.close()
