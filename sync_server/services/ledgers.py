"""A kiosk's ledger and its branches: where in them a rating belongs.

A branch (epoch) grows by `seq`. A number that comes again with another id begins a new branch: the kiosk's card was
rolled back to an earlier image, and both branches are somebody's word. Which branch a later rating continues is told
by the digest that it names as the one before it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sync_server.models.kiosk import Epoch
from sync_server.models.rating import Rating
from sync_server.queries.prepared import Prepared


@dataclass(slots=True)
class Branch:
    """One branch of a kiosk's ledger. last_seq: the highest number that ever arrived in it; has_unsure: whether the
    time of some of its ratings is not known exactly."""

    id: int
    first_seq: int
    last_seq: int
    has_unsure: bool = False


class Ledger:
    """The branches of one kiosk, and the digests that the ratings of a batch may continue."""

    def __init__(self, session: Session, kiosk_id: int, branches: list[Branch], now: int) -> None:
        self._session = session
        self._kiosk_id = kiosk_id
        self._now = now
        self.branches = branches
        self._digests: dict[tuple[int, int], bytes] = {}
        self._tip: tuple[Branch, int, bytes] | None = None
        self._grown: set[int] = set()

    def appends(self, seqs: Sequence[int]) -> bool:
        """Whether ratings with these numbers only continue a ledger that has one branch: the usual case."""
        if len(self.branches) > 1:
            return False
        last = self.branches[0].last_seq if self.branches else 0
        return all(before < seq for before, seq in zip([last, *seqs], seqs, strict=False))

    def know(self, seqs: Collection[int]) -> None:
        """Look up what is stored at these numbers and at those before them, in all branches."""
        wanted = {*seqs, *(seq - 1 for seq in seqs)}
        rows = self._session.execute(
            select(Rating.epoch_id, Rating.seq, Rating.digest).where(
                Rating.epoch_id.in_([branch.id for branch in self.branches]), Rating.seq.in_(wanted)
            )
        )
        self._digests.update({(epoch_id, seq): digest for epoch_id, seq, digest in rows})

    def detached(self, seqs: Collection[int]) -> set[bytes]:
        """Look up what is known of ratings at these numbers in months that were detached; their digests."""
        near = {"kiosk": self._kiosk_id, "first": min(seqs, default=0) - 1, "last": max(seqs, default=0)}
        rows = _DETACHED.rows(self._session, near)
        self._digests.update({(epoch_id, seq): bytes(digest) for epoch_id, seq, digest in rows})
        return {bytes(digest) for _, _, digest in rows}

    def know_one(self, branch: Branch, seq: int, digest: bytes) -> None:
        """This is stored at a number of a branch."""
        self._digests[branch.id, seq] = digest

    def place(self, seq: int, prev: bytes, digest: bytes) -> tuple[Branch, bytes | None]:
        """The branch of a rating, and what to keep of its `prev` (see `models.rating.Rating`). It is there from now on.

        First where it continues the chain; else in the newest branch that has the number free; else in a new branch.
        """
        tip = self._tip
        if tip is not None and seq == tip[1] + 1 and prev == tip[2] and (tip[0].id, seq) not in self._digests:
            branch, is_next = tip[0], True  # as `_branch` would find, and by far the most often
        else:
            branch, is_next = self._branch(seq, prev)
        self._tip = branch, seq, digest
        self._digests[branch.id, seq] = digest
        branch.last_seq = max(branch.last_seq, seq)
        self._grown.add(branch.id)
        return branch, None if is_next else prev

    def write(self) -> None:
        """Keep how far the branches have grown."""
        for branch in self.branches:
            if branch.id in self._grown:
                _GROW.run(self._session, {"epoch": branch.id, "last": branch.last_seq})

    def _branch(self, seq: int, prev: bytes) -> tuple[Branch, bool]:
        begins = seq == 1 and not prev
        if prev:
            follows = [branch for branch in self.branches if self._digests.get((branch.id, seq - 1)) == prev]
        else:
            follows = self.branches[:1] if begins else []
        for branch in follows:
            if (branch.id, seq) not in self._digests:
                return branch, True
        if follows:
            return self._fork(follows[0], seq), begins
        for branch in reversed(self.branches):
            if (branch.id, seq) not in self._digests and seq >= branch.first_seq:
                return branch, begins
        return self._fork(self.branches[-1] if self.branches else None, seq), begins

    def _fork(self, trunk: Branch | None, seq: int) -> Branch:
        first_seq = seq if trunk else 1
        number = self._session.scalar(
            insert(Epoch)
            .values(
                kiosk_id=self._kiosk_id,
                forked_from=trunk.id if trunk else None,
                first_seq=first_seq,
                last_seq=0,
                begun_at=self._now,
            )
            .returning(Epoch.id)
        )
        branch = Branch(int(number or 0), first_seq, 0)
        self.branches.append(branch)
        return branch


_GROW = Prepared("UPDATE epoch SET last_seq = :last WHERE id = :epoch")
_DETACHED = Prepared(
    "SELECT epoch_id, seq, digest FROM detached_rating JOIN epoch ON epoch.id = epoch_id"
    " WHERE kiosk_id = :kiosk AND seq BETWEEN :first AND :last"
)
_UNSURE = "SELECT 1 FROM rating {} WHERE rating.epoch_id = epoch.id AND rating.clock <> 0"
_BRANCHES = (
    f"SELECT id, first_seq, last_seq, EXISTS ({_UNSURE}) AS has_unsure FROM epoch WHERE kiosk_id = :kiosk ORDER BY id"
)
# SQLite must be told: by itself it reads all ratings of the kiosk, of which the index holds the few.
_OF_KIOSK = Prepared(_BRANCHES.format(""), sqlite=_BRANCHES.format("INDEXED BY ix_rating_unsure"))


def open_ledger(session: Session, kiosk_id: int, now: int) -> Ledger:
    """The ledger of a kiosk, its branches in order of their making."""
    branches = [
        Branch(number, first, last, bool(unsure))
        for number, first, last, unsure in _OF_KIOSK.rows(session, {"kiosk": kiosk_id})
    ]
    return Ledger(session, kiosk_id, branches, now)
