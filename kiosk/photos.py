"""Officers' pictures on this device, so that they are there without a network."""

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

_KINDS = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"RIFF": ".webp", b"GIF8": ".gif"}


class Photos:
    """A folder of pictures, by their path on the server. Another picture must have another path there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, path: str) -> Path | None:
        """The file of a picture, None while it was not fetched."""
        stem = _stem(path)
        for ending in _KINDS.values():
            file = self._directory / (stem + ending)
            if file.is_file():
                return file
        return None

    def missing(self, paths: Iterable[str]) -> list[str]:
        """Which of these were not fetched yet."""
        return [path for path in dict.fromkeys(paths) if self.find(path) is None]

    def keep(self, path: str, content: bytes) -> Path | None:
        """Keep a fetched picture; None when it is of no kind that the window shows. Raises `OSError`."""
        endings = [ending for magic, ending in _KINDS.items() if content.startswith(magic)]
        if not endings:
            return None
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._directory / (_stem(path) + endings[0])
        unfinished = file.with_suffix(".new")
        unfinished.write_bytes(content)
        os.replace(unfinished, file)
        return file

    def forget_others(self, paths: Iterable[str]) -> None:
        """Delete pictures of officers who left the setup: personal data is kept no longer than needed."""
        stems = {_stem(path) for path in paths}
        with contextlib.suppress(OSError):
            for file in self._directory.iterdir():
                if file.stem not in stems:
                    file.unlink(missing_ok=True)


def _stem(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:32]
