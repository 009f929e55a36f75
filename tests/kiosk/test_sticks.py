"""What staff are told of USB sticks: that one was seen, and that two are one too many."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk.staff import COPIED, COPYING, NO_STICK, TWO_STICKS, Staff, status_line

NOW = datetime.fromisoformat("2026-03-02T09:41:00+07:00")


class Panel:
    """The staff screen without its window: what was told, and which sticks were written."""

    def __init__(self, *sticks: str) -> None:
        self.mounted, self.told, self.written = [Path(stick) for stick in sticks], list[str](), list[Path]()
        self.staff = Staff(
            self,  # type: ignore[arg-type]
            tell_how=lambda words, **values: self.told.append(words),
            soon=lambda act: act(),
            beside=lambda act: act(),
            monotonic=lambda: 0.0,
            language=lambda: "vi",
        )

    def sticks(self) -> tuple[Path, ...]:
        return tuple(self.mounted)

    def export(self, directory: Path) -> SimpleNamespace:
        self.written.append(directory)
        return SimpleNamespace(ratings=3)

    def line(self) -> str:
        status = SimpleNamespace(waiting=3, last_sent_at=None, clock="sure", parked=())
        say = lambda words, **values: words.format(**values)  # noqa: E731
        return status_line(status, say, NOW, sticks=self.staff.stick_count)


def test_what_waits_goes_to_the_one_stick_that_is_there() -> None:
    panel = Panel("/media/a")
    panel.staff.copy_to_stick()
    assert (panel.written, panel.told) == ([Path("/media/a")], [COPYING, COPIED])


@pytest.mark.parametrize(("sticks", "words"), [((), NO_STICK), (("/media/a", "/media/b"), TWO_STICKS)])
def test_without_a_stick_or_with_two_nothing_is_copied_and_staff_are_told(sticks: tuple[str, ...], words: str) -> None:
    """Of two, the kiosk must not choose: the other one may be anybody's."""
    panel = Panel(*sticks)
    panel.staff.copy_to_stick()
    assert (panel.written, panel.told) == ([], [words])


def test_a_stick_is_noticed_as_soon_as_it_is_mounted() -> None:
    panel = Panel()
    assert "USB" not in panel.line()
    panel.mounted.append(Path("/media/a"))
    assert panel.line().endswith(" · đã thấy USB")
    panel.mounted.append(Path("/media/b"))
    assert panel.line().endswith(" · đã thấy 2 USB")
