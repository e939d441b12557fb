"""Files that visitors save: kept for as long as a download takes, in a folder that goes with the server."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import gradio as gr

_KEPT = 600  # seconds


class Exports:
    """Makes files to download; safe to use from several threads."""

    def __init__(self) -> None:
        """Makes the folder, which only its owner can read."""
        self._folder = Path(tempfile.mkdtemp(prefix="wence-"))

    def offer(self, suffix: str, write: Callable[[Path], object]) -> object:
        """What a File component shows: the file `wence` + `suffix` that `write` has written."""
        for old in self._folder.iterdir():
            try:
                stale = time.time() - old.stat().st_mtime > _KEPT
            except FileNotFoundError:  # another visitor's request has just taken it away
                continue
            if stale:
                shutil.rmtree(old, ignore_errors=True)
        path = Path(tempfile.mkdtemp(dir=self._folder)) / f"wence{suffix}"
        write(path)
        return gr.File(str(path), visible=True)

    def close(self) -> None:
        """Take everything away."""
        shutil.rmtree(self._folder, ignore_errors=True)
