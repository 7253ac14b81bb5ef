"""Work in supervised processes: bounded memory, bounded time, and a process that dies takes only its own task with it.

A hostile file can make any parser misbehave. The parent never parses; it hands out tasks and replaces what it loses.
"""

import ctypes
import gc
import logging
import multiprocessing
import os
import resource
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_PR_SET_PDEATHSIG = 1

Work = Callable[[Task], Result]
"""What a worker does with a task; it must not raise for bad input."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one worker: address space in bytes, seconds of wall time for one task."""

    memory: int = 4 << 30
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Lost:
    """A task that its worker did not survive. `reason` is `worker-killed` or `worker-time-limit`."""

    reason: str


class _Worker(Generic[Task]):
    """A process, its pipe, and the task that it has."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.task: Task | None = None
        self.started = 0.0


class Pool(Generic[Task, Result]):
    """A fixed number of workers that are replaced when they die.

    Parameters
    ----------
    prepare
        Called once in each worker with `argument`; returns the function that does the tasks. Module-level, because a
        worker may be a fresh interpreter.
    """

    def __init__(
        self,
        prepare: Callable[..., Work[Task, Result]],
        argument: object,
        *,
        jobs: int,
        bounds: Bounds | None = None,
    ) -> None:
        self._prepare = prepare
        self._argument = argument
        self._bounds = bounds or Bounds()
        # Forking is cheap but only safe while there is one thread; a server starts fresh interpreters.
        fork = threading.active_count() == 1
        self._context = multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")
        self._workers: list[_Worker[Task]] = []
        for _ in range(jobs):
            self._workers.append(self._start())

    def __enter__(self) -> "Pool[Task, Result]":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            self._end(worker)
        self._workers = []

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Result | Lost]]:
        """Do the tasks and yield each with its result, in the order in which they are done."""
        waiting = deque(tasks)
        while waiting or any(worker.task is not None for worker in self._workers):
            for position, worker in enumerate(self._workers):
                if worker.task is None and waiting:
                    self._workers[position] = self._give(worker, waiting.popleft())
            busy = {worker.pipe: worker for worker in self._workers if worker.task is not None}
            for pipe in wait(list(busy), timeout=self._patience(list(busy.values()))):
                if isinstance(pipe, Connection):
                    yield self._take(busy[pipe])
            yield from self._overdue()

    def _give(self, worker: "_Worker[Task]", task: Task) -> "_Worker[Task]":
        try:
            worker.pipe.send(task)
        except (BrokenPipeError, ConnectionError):
            self._end(worker)
            worker = self._start()
            worker.pipe.send(task)
        worker.task = task
        worker.started = time.monotonic()
        return worker

    def _take(self, worker: "_Worker[Task]") -> tuple[Task, Result | Lost]:
        task = worker.task
        assert task is not None  # noqa: S101 (only busy workers are waited for)
        worker.task = None
        try:
            return task, worker.pipe.recv()
        except (EOFError, ConnectionError, OSError):
            self._replace(worker)
            return task, Lost("worker-killed")

    def _overdue(self) -> Iterator[tuple[Task, Result | Lost]]:
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.task is not None and now - worker.started > self._bounds.seconds:
                task = worker.task
                self._replace(worker)
                yield task, Lost("worker-time-limit")

    def _patience(self, busy: Sequence[_Worker[Task]]) -> float:
        started = [worker.started for worker in busy]
        return max(0.05, min(started) + self._bounds.seconds - time.monotonic() + 0.05) if started else 0.05

    def _replace(self, worker: "_Worker[Task]") -> None:
        self._end(worker)
        self._workers[self._workers.index(worker)] = self._start()

    def _start(self) -> "_Worker[Task]":
        ours, theirs = self._context.Pipe()
        # a forked worker holds copies of our ends; while any is open, none of them learns that the parent is gone
        forked = self._context.get_start_method() == "fork"
        ends = (ours, *(worker.pipe for worker in self._workers)) if forked else ()
        process = self._context.Process(
            target=_serve,
            args=(theirs, ends, self._prepare, self._argument, self._bounds.memory),
            daemon=True,
        )
        process.start()
        theirs.close()
        return _Worker(process, ours)

    @staticmethod
    def _end(worker: "_Worker[Task]") -> None:
        if worker.task is None:
            with suppress(OSError):
                worker.pipe.send(None)
        else:
            worker.process.kill()
        worker.pipe.close()
        worker.process.join(2)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


def _serve(
    pipe: Connection,
    ends: Sequence[Connection],
    prepare: Callable[..., Work[Task, Result]],
    argument: object,
    memory: int,
) -> None:
    """Do tasks until None comes or the parent is gone."""
    for end in ends:
        with suppress(OSError):
            end.close()
    _die_with_the_parent()
    # who ends the whole group means the parent: it ends its workers, and nothing is blamed on the file at hand
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Libraries warn with the very values that they stumble over; nothing of that may reach a terminal or a log.
    warnings.simplefilter("ignore")
    logging.disable()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    work = prepare(argument)
    # What is loaded stays; the tasks make many small objects and hardly a cycle, so the collector need not look often.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        if task is None:
            return
        try:
            pipe.send(work(task))
        except (BrokenPipeError, ConnectionError):
            return


def _die_with_the_parent() -> None:
    """Have the kernel end this worker, in the middle of a task too, when the thread that started it ends (Linux)."""
    parent = multiprocessing.parent_process()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent.pid:
        os._exit(1)  # it went before we asked
