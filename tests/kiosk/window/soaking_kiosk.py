"""Thousands of visits at the real window over the real desk and store: `python -m …soaking_kiosk FOLDER VISITS REPORT`.

Everything is real but three things: the hand that touches (each button's own answer is called, as its touch would),
the clock (it is moved on, so that a week passes in minutes) and the server (in memory, and it remembers only counts,
so that what grows is the kiosk). REPORT holds what was meant, what arrived, and the memory on the way.
"""

import dataclasses
import gc
import json
import logging
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kiosk import kv
from kiosk.app import in_thread
from kiosk.clock import Clock
from kiosk.config import KioskSettings
from kiosk.desk import Desk
from survey.rating import Rating, digest
from survey.setup import Behaviour, Duty, Setup
from survey.wire import Batch, Enrolled, Receipt, Reply, write_time
from tests.kiosk.window.sample_setup import sample_setup

BETWEEN_VISITS_S = 45.0
VISITS_A_BATCH = 20
EVERY_FRAME = 10
"""Of so many visits one is drawn after each touch; of the others only the last screen."""
REST_S = 3.0
SAMPLES = 20


def said(rating: Rating) -> str:
    """What a rating says, for counting."""
    has_dossier = rating.dossier is not None
    return json.dumps([rating.officer_id, rating.level, sorted(rating.reasons), rating.comment, has_dossier])


class HandClock:
    """A clock that only the soak moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._begin = datetime(2026, 3, 2, 7, 30, tzinfo=timezone(timedelta(hours=7)))

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=self.seconds)

    def tick(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def device(self) -> Clock:
        return Clock(now=self.now, monotonic_ms=lambda: round(self.seconds * 1000), boot_id="soak")


class CountingServer:
    """Follows the chain and counts; keeps no rating."""

    def __init__(self, setup: Setup, hand: HandClock) -> None:
        self._setup, self._hand = setup, hand
        self.said: Counter[str] = Counter()
        self.total = 0
        self.faults: list[str] = []
        self._seq, self._digest = 0, ""

    def __call__(self, *_: object) -> "CountingServer":
        return self

    def enrol(self, code: str, device: object) -> Enrolled:
        return Enrolled(kiosk_id="k1", key="k", carry_key="k", unit_id="dv", counter_id="q1")

    def setup(self, etag: str | None) -> tuple[Setup, str | None] | None:
        return None if etag else (self._setup, '"1"')

    def send(self, batch: Batch) -> Reply:
        for rating in batch.ratings:
            if (rating.seq, rating.prev) != (self._seq + 1, self._digest):
                self.faults.append(f"rating {rating.seq} does not follow {self._seq}")
            self._seq, self._digest = rating.seq, digest(rating)
            self.said[said(rating)] += 1
            self.total += 1
        receipts = tuple(Receipt(id=rating.id, verdict="stored") for rating in batch.ratings)
        return Reply(received_at=write_time(self._hand.now()), stored_total=self.total, receipts=receipts)

    def photo(self, path: str) -> bytes:
        raise AssertionError("nobody has a photo here")

    def close(self) -> None:
        pass


def a_setup() -> Setup:
    """Two on duty, comments asked for, and copies of what was sent kept for a single day."""
    duty = tuple(Duty(counter_id="q1", officer_id=each, since="2020-01-01T00:00:00+07:00") for each in ("of-1", "of-4"))
    quiet = sample_setup(ask_comment=True, behaviour=Behaviour(sent_copies_days=1))
    return dataclasses.replace(quiet, duty=duty)


class Citizens:
    """Says what each citizen does, step by step, and what must be kept of it. A step: a target, or what happens."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.meant: Counter[str] = Counter()

    def visit(self) -> list[tuple[str, Any]]:
        """The steps of one visit."""
        rng = self._rng
        officer = rng.choice(("of-1", "of-4"))
        has_slip = rng.random() < 0.4
        steps: list[tuple[str, Any]] = []
        if has_slip:
            steps.append(("scan", f"H42.12-2603{rng.randint(1, 28):02d}-{rng.randint(1, 9999):04d}"))
        else:
            steps.append(("tap", "start"))
        if rng.random() < 0.3:
            steps.append(("tap", "language"))
        if rng.random() < 0.05:
            return [*steps, ("wait", 31.0)]  # nobody was meant to rate
        steps.append(("tap", f"officer_{officer}"))
        if rng.random() < 0.05:
            return [*steps, ("tap", "back"), ("tap", "back")]
        level = rng.randint(1, 5)
        steps.append(("tap", f"face_{level}"))
        if rng.random() < 0.1:
            level = rng.randint(1, 5)
            steps += [("tap", "misclick"), ("tap", f"face_{level}")]
        return steps + self._after_the_face(officer, level, has_slip)

    def _after_the_face(self, officer: str, level: int, has_slip: bool) -> list[tuple[str, Any]]:
        rng = self._rng
        steps: list[tuple[str, Any]] = []
        reasons: list[str] = []
        if rng.random() < 0.6:
            known = ("slow", "attitude", "rude") if level <= 3 else ("quick", "friendly")
            reasons = sorted(rng.sample(known, rng.randint(1, 2)))
            steps += [("tap", f"reason_{code}") for code in reasons]
        comment = None
        end = rng.random()
        if end < 0.1:
            steps.append(("wait", 31.0))
        elif end < 0.5:
            reasons = []
            steps += [("tap", "skip"), ("tap", "skip"), ("wait", 6.0)]
        elif end < 0.8:
            steps += [("tap", "send"), ("tap", "skip"), ("touch", None)]
        else:
            comment = rng.choice(("Tốt", "Chờ lâu", "Cảm ơn"))
            steps += [("tap", "send"), ("write", comment), ("tap", "send"), ("wait", 6.0)]
        self.meant[json.dumps([officer, level, reasons, comment, has_slip])] += 1
        return steps


class Soak:
    """Plays the visits, a frame at a time, in the window's own loop."""

    def __init__(self, app: Any, desk: Desk, hand: HandClock, visits: int) -> None:
        self._app, self._desk, self._hand, self._visits = app, desk, hand, visits
        self.citizens = Citizens(seed=4)
        self.memory: list[tuple[int, float]] = []
        self.frames_at_rest = -1
        self._drawn = 0
        self._play = self._all()

    def begin(self, *_: object) -> None:
        """Once the window stands."""
        from kivy.clock import Clock as Frames
        from kivy.core.window import Window

        Window.bind(on_flip=self._flipped)
        self._steps = Frames.schedule_interval(self._next, 0)

    def _flipped(self, *_: object) -> None:
        self._drawn += 1

    def _next(self, _: float) -> None:
        from kivy.clock import Clock as Frames

        if next(self._play, "over") == "over":
            self._steps.cancel()
            # What fades and shrinks comes to rest first.
            Frames.schedule_once(self._rest, 1.0)

    def _rest(self, _: float) -> None:
        from kivy.clock import Clock as Frames

        self._drawn = 0
        Frames.schedule_once(self._rested, REST_S)

    def _rested(self, _: float) -> None:
        self.frames_at_rest = self._drawn
        self._app.stop()

    def _all(self) -> Iterator[None]:
        for number in range(self._visits):
            for step in self.citizens.visit():
                self._hand.tick(1.0)
                self._do(*step)
                if number % EVERY_FRAME == 0:
                    yield
            self._hand.tick(BETWEEN_VISITS_S)
            assert self._app.host.visit.screen == "idle", self._app.host.visit.screen
            if number % VISITS_A_BATCH == VISITS_A_BATCH - 1:
                self._sync()
            if number % max(1, self._visits // SAMPLES) == 0:
                self._look(number)
            yield
        self._sync()
        self._look(self._visits)

    def _sync(self) -> None:
        """What the thread of the sync does: send, and forget copies that are old enough."""
        self._desk._sync.turn()
        self._desk._upkeep()

    def _look(self, number: int) -> None:
        gc.collect()
        self.memory.append((number, resident_mb()))
        print(f"after {number} visits: {resident_mb():.1f} MB", file=sys.stderr, flush=True)

    def _do(self, what: str, detail: Any) -> None:
        app = self._app
        if what == "tap":
            self._target(detail).dispatch("on_tap")
        elif what == "scan":
            app.host.scan(detail)
        elif what == "wait":
            self._hand.tick(detail)
            app.host.tick()
        elif what == "touch":
            from kiosk.events import Touched

            app.host.tell(Touched)
        else:
            for letter in detail:
                app.stage.ids.place.children[0].letter(letter)

    def _target(self, name: str) -> Any:
        from kiosk.widgets.touch import Touchable

        for widget in self._app.stage.walk(restrict=True):
            if isinstance(widget, Touchable) and widget.target == name and widget.opacity and not widget.disabled:
                return widget
        raise AssertionError(f"nothing named {name} on {self._app.host.visit.screen}")


def resident_mb() -> float:
    """Megabytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(folder: str, visits: str, report: str) -> int:
    """Play, and write the report."""
    logging.basicConfig(level=logging.WARNING)
    hand = HandClock()
    server = CountingServer(a_setup(), hand)
    settings = KioskSettings(data_dir=Path(folder), fullscreen=False, window_size="1280x800")
    kv.prepare(settings)
    from kivy.core.window import Window

    from kiosk.screens.window import KioskApp

    kv.load_rules()
    desk = Desk(settings, clock=hand.device, connect=server, beside=in_thread)
    desk.open()
    desk.enrol("https://nucuoi.example.vn", "CODE")
    app = KioskApp(desk, settings, Window, monotonic=lambda: hand.seconds)
    soak = Soak(app, desk, hand, int(visits))
    app.bind(on_start=soak.begin)
    app.run()
    told = {
        "meant": dict(soak.citizens.meant),
        "kept": dict(server.said),
        "faults": server.faults,
        "waiting": desk.status().waiting,
        "parked": len(desk.status().parked),
        "memory": soak.memory,
        "frames_at_rest": soak.frames_at_rest,
    }
    desk.stop()
    Path(report).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
