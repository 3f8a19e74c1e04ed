"""Questions of the page and their answers: few members first, then more, then what each brake is worth.

Of one window only the newest question is answered: an older one stops within a simulated week. How many questions are
open at a time is bounded, and so is what is kept of them.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from detente.analysis import chances
from detente.api.brakes import Brake, released, worth
from detente.engine.block import Block
from detente.errors import DetenteError
from detente.experiment.dataset import dataset
from detente.model.stability import require_placed
from detente.scenario.load import Loaded, load
from detente.scenario.schema import Scenario
from detente.serve import levers, saving
from detente.serve.answers import Shown, answer, shown
from detente.serve.crew import Crew, Unwanted
from detente.serve.offer import Offered

if TYPE_CHECKING:
    import xarray as xr

#: members of the answers to one question, one after the other; the last is what ``detente run`` takes
SIZES = (128, 500, 1000)
#: members with which brakes are weighed: chances are added up, not counted, so that few are enough
BRAKES = 200
#: seconds in which the second answer must have come for the first to be left out
QUICK = 1.0
#: questions that are open at a time, windows that are remembered, answers and bases that are kept
OPEN, WINDOWS, ANSWERS, BASES = 4, 64, 24, 2


class Busy(DetenteError):
    """So many questions are open that no other is taken."""


class Stale(DetenteError):
    """The window has asked something newer already."""


@dataclass(frozen=True)
class Question:
    """Where the levers stand in a window of a browser; ``sequence`` counts its questions.

    With ``glance`` only the first answer is wanted: a lever is still on the move.
    """

    window: str
    sequence: int
    offered: Offered
    settings: Mapping[str, Any]
    glance: bool = False


@dataclass(eq=False)
class Job:
    """A question that is being answered."""

    question: Question
    flag: int
    gone: bool = False


@dataclass(eq=False)
class Ensemble:
    """Members of a scenario, of which there can be more and more."""

    scenario: Scenario
    seed: int
    length: int
    blocks: list[Block] = field(default_factory=list)
    members: int = 0

    async def grown(self, members: int, crew: Crew, flag: int) -> xr.Dataset:
        """The first ``members`` members. Raises Unwanted, WorkersLost."""
        if members > self.members:
            self.blocks += await crew.members(self.scenario, range(self.members, members), self.seed, self.length, flag)
            self.members = members
        whole = await asyncio.to_thread(dataset, self.scenario, self.blocks, self.seed, self.length)
        return whole.isel(member=slice(members))


class Base:
    """The ensemble that others are held against: grown once, whoever asks, and never thrown away half done."""

    def __init__(self, known: Loaded, seed: int, length: int, crew: Crew) -> None:
        self.ensemble = Ensemble(known.scenario, seed, length)
        self.crew, self.lock = crew, asyncio.Lock()
        self.sizes: dict[int, Shown] = {}

    async def of(self, members: int) -> Shown:
        """Its first ``members`` members; one and the same for all who ask."""
        return await asyncio.shield(asyncio.ensure_future(self._grown(members)))

    async def _grown(self, members: int) -> Shown:
        async with self.lock:
            if members not in self.sizes:
                flag = self.crew.flag()
                try:
                    grown = await self.ensemble.grown(members, self.crew, flag)
                    self.sizes[members] = await asyncio.to_thread(shown, grown)
                finally:
                    self.crew.release(flag)
            return self.sizes[members]


class Engine:
    """Answers questions with a crew of workers, one question at a time; ``sizes`` are members of the answers."""

    def __init__(self, crew: Crew, seed: int = 1, sizes: tuple[int, ...] = SIZES, brakes: int = BRAKES) -> None:
        self.crew, self.seed, self.sizes, self.brakes = crew, seed, sizes, brakes
        self.jobs: list[Job] = []
        self.newest: OrderedDict[str, int] = OrderedDict()
        self.answered: OrderedDict[Any, list[dict[str, Any]]] = OrderedDict()
        self.bases: OrderedDict[str, Base] = OrderedDict()
        self.turns = asyncio.Condition()
        self.at_work = False
        self.pace = float("inf")

    async def answers(self, question: Question) -> AsyncIterator[dict[str, Any]]:
        """Everything there is to say, piece by piece, each with its ``kind``; the first comes at once.

        Raises before the first piece: LeverError, ScenarioError, Busy, Stale.
        """
        changes = levers.changes(question.offered.levers, question.settings)
        known = await self._read(question.offered, changes)
        job = await self._begin(question)
        try:
            yield self._asked(question, changes)
            async for piece in self._pieces(job, known, changes):
                yield piece
        except Unwanted:
            yield {"kind": "superseded"}
        finally:
            job.gone = True
            self.jobs.remove(job)
            self.crew.release(job.flag)

    async def _read(self, offered: Offered, changes: Mapping[str, str]) -> Loaded:
        if not changes:
            return offered.known
        known = await asyncio.to_thread(load, offered.word, changes)
        require_placed(known)
        return known

    async def _begin(self, question: Question) -> Job:
        """The question's place among those that are open; an older one of the same window has to go."""
        if question.sequence <= self.newest.get(question.window, -1):
            raise Stale("a newer question of this window has been asked already")
        older = [job for job in self.jobs if job.question.window == question.window]
        for job in older:
            job.gone = True
            self.crew.drop(job.flag)
        if len(self.jobs) >= OPEN + len(older[:1]):
            raise Busy(f"{len(self.jobs)} questions are open already; try again in a moment")
        self.newest[question.window] = question.sequence
        self.newest.move_to_end(question.window)
        while len(self.newest) > WINDOWS:
            self.newest.popitem(last=False)
        job = Job(question, self.crew.flag())
        self.jobs.append(job)
        async with self.turns:
            self.turns.notify_all()
        return job

    def _asked(self, question: Question, changes: Mapping[str, str]) -> dict[str, Any]:
        """What is known before anything has been simulated."""
        text = saving.scenario_file(question.offered, question.settings, changes)
        commands = {
            size: saving.command(question.offered, changes, size, self.seed, self.crew.engine) for size in self.sizes
        }
        return {"kind": "asked", "moved": len(question.settings), "file": text, "commands": commands}

    async def _pieces(self, job: Job, known: Loaded, changes: Mapping[str, str]) -> AsyncIterator[dict[str, Any]]:
        question = job.question
        key = (question.offered.word, *sorted(changes.items()))
        if key in self.answered:
            self.answered.move_to_end(key)
            for piece in self.answered[key]:
                yield piece
            return
        base, own = self._base(question.offered), Ensemble(known.scenario, self.seed, question.offered.length)
        if not changes and question.offered.base is question.offered.known:
            own = base.ensemble
        hurried = question.glance or len(self.sizes) == 1
        sizes = self.sizes[:1] if hurried else self.sizes[self.pace < QUICK :]
        begun = time.monotonic()
        for size in sizes:
            async with self._turn(job):
                last, with_it = await self._answer(job, base, own, size, bool(changes))
            last |= {"seconds": time.monotonic() - begun, "finest": size == self.sizes[-1], "glance": question.glance}
            self.pace = last["seconds"] if size == self.sizes[min(1, len(self.sizes) - 1)] else self.pace
            yield last
        if not question.glance:
            kept = [last]
            async for piece in self._brakes(job, known.scenario, with_it):
                kept.append(piece)
                yield piece
            self._keep(key, kept)

    async def _answer(
        self, job: Job, base: Base, own: Ensemble, size: int, moved: bool
    ) -> tuple[dict[str, Any], xr.Dataset]:
        """The answer with so many members, and the result behind it."""
        mine = await base.of(size)
        if own is base.ensemble:
            return {"kind": "answer", **await asyncio.to_thread(answer, mine, mine, "")}, mine.data
        grown = await own.grown(size, self.crew, job.flag)
        yours = grown.assign_attrs(title="This what-if") if moved else grown
        told = await asyncio.to_thread(lambda: answer(mine, shown(yours), str(yours.attrs["scenario"])))
        return {"kind": "answer", **told}, yours

    async def _brakes(self, job: Job, scenario: Scenario, with_it: xr.Dataset) -> AsyncIterator[dict[str, Any]]:
        """What each brake that holds is worth, one after the other."""
        variants = {brake: one for brake, one in released(scenario).items() if one != scenario}
        few = with_it.isel(member=slice(self.brakes))
        length = job.question.offered.length
        for number, (brake, variant) in enumerate(variants.items(), 1):
            async with self._turn(job):
                without = await Ensemble(variant, self.seed, length).grown(
                    int(few.sizes["member"]), self.crew, job.flag
                )
                (told,) = await asyncio.to_thread(weighed, brake, few, without)
            size = {"members": int(few.sizes["member"]), "number": number, "of": len(variants)}
            yield {"kind": "brake", **asdict(told), **size}

    @asynccontextmanager
    async def _turn(self, job: Job) -> AsyncIterator[None]:
        """The workers to oneself. Raises Unwanted where nobody waits for the answer any more."""
        async with self.turns:
            await self.turns.wait_for(lambda: job.gone or not self.at_work)
            if job.gone:
                raise Unwanted
            self.at_work = True
        try:
            yield
        finally:
            self.at_work = False
            async with self.turns:
                self.turns.notify_all()

    def _base(self, offered: Offered) -> Base:
        """The ensemble of what a scenario is held against, kept while it is used."""
        key = offered.base.hash
        if key not in self.bases:
            self.bases[key] = Base(offered.base, self.seed, offered.length, self.crew)
        self.bases.move_to_end(key)
        while len(self.bases) > BASES:
            self.bases.popitem(last=False)
        return self.bases[key]

    def _keep(self, key: Any, pieces: list[dict[str, Any]]) -> None:
        self.answered[key] = pieces
        while len(self.answered) > ANSWERS:
            self.answered.popitem(last=False)

    def close(self) -> None:
        """End the workers."""
        self.crew.close()


def weighed(brake: str, held: xr.Dataset, free: xr.Dataset) -> list[Brake]:
    """What a brake is worth to any pair."""
    return list(worth(brake, [chances.ANY], held, free))


#: what an application is given to make an engine with, once its loop runs
Maker = Callable[[], Engine]
