"""Long work apart: how far it is, and the wish to end it early."""

import threading

import pytest

from kpi_engine.errors import CancelledError
from kpi_engine.job import Job, check_cancelled, last_call, stage, turn, watched
from kpi_engine.words.imports import how_far


class Statement:
    """Stands for a connection with one long statement at work."""

    def __init__(self, percent: float = 0.0) -> None:
        self.percent = percent
        self.stopped = threading.Event()

    def interrupt(self) -> None:
        self.stopped.set()

    def query_progress(self) -> float:
        return self.percent


def reading(statement: Statement, *, size: int, seconds: list[float]) -> Job[None]:
    """A job that is reading a file of that size, on a clock that the test moves."""
    begun = threading.Event()

    def work() -> None:
        stage("Reading rows", size=size)
        with watched(statement):
            begun.set()
            statement.stopped.wait(30)

    job = Job(work, clock=lambda: seconds[0]).start()
    assert begun.wait(30)
    return job


def test_the_work_gives_its_result_and_what_it_raised() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    assert Job(lambda: 7).start().result() == 7
    with pytest.raises(ZeroDivisionError):
        Job(broken).start().result()


@pytest.mark.parametrize(
    ("percent", "seconds", "said"),
    [
        pytest.param(-1.0, 4.0, "Reading rows, 4\u202fs", id="nothing tells"),
        pytest.param(5.0, 4.0, "Reading rows: 5% of 200.0\u202fMB", id="too early to tell"),
        pytest.param(50.0, 0.5, "Reading rows: 50% of 200.0\u202fMB", id="too short to tell"),
        pytest.param(
            25.0,
            5.0,
            "Reading rows: 25% of 200.0\u202fMB, 10.0\u202fMB a second, "
            "about 20 seconds left of this",
            id="50 MB in 5 s, so 150 MB in 15 s",
        ),
        pytest.param(
            10.0,
            60.0,
            "Reading rows: 10% of 200.0\u202fMB, 333\u202fkB a second, "
            "about 9 minutes left of this",
            id="minutes",
        ),
    ],
)
def test_speed_and_time_left_are_said_once_they_can_be(
    percent: float, seconds: float, said: str
) -> None:
    clock, statement = [0.0], Statement(percent)
    job = reading(statement, size=200_000_000, seconds=clock)
    clock[0] = seconds
    assert how_far(job.progress()) == said
    statement.stopped.set()
    job.wait()


@pytest.mark.parametrize(
    ("reading_took", "seconds", "said"),
    [
        pytest.param(10.0, 4.0, "Folding, 4\u202fs, about 20 seconds left of this", id="usual"),
        pytest.param(10.0, 25.0, "Folding, 25\u202fs", id="longer than usual"),
        pytest.param(0.5, 0.2, "Folding, 0\u202fs", id="read too fast to tell"),
    ],
)
def test_what_follows_takes_as_many_times_as_long_as_reading_as_it_usually_does(
    reading_took: float, seconds: float, said: str
) -> None:
    clock, begun, go_on = [0.0], threading.Event(), threading.Event()

    def work() -> None:
        stage("Reading rows", size=1_000_000)
        clock[0] = reading_took
        stage("Folding", times_reading=2.0)
        begun.set()
        go_on.wait(30)

    job = Job(work, clock=lambda: clock[0]).start()
    assert begun.wait(30)
    clock[0] += seconds
    assert how_far(job.progress()) == said
    go_on.set()
    job.wait()


def test_cancelling_stops_the_statement_and_the_next_step_is_not_begun() -> None:
    went_on = []
    statement = Statement()

    def work() -> None:
        with watched(statement):
            statement.stopped.wait(30)
        stage("The next step")
        went_on.append(True)

    job = Job(work).start()
    assert job.cancel()
    with pytest.raises(CancelledError):
        job.result()
    assert went_on == []


def test_after_the_last_call_nothing_is_cancelled() -> None:
    called, go_on = threading.Event(), threading.Event()

    def work() -> str:
        last_call()
        called.set()
        go_on.wait(30)
        check_cancelled()
        return "saved"

    job = Job(work).start()
    assert called.wait(30)
    assert not job.cancel()
    assert job.progress().is_final
    go_on.set()
    assert job.result() == "saved"


def test_who_waits_for_a_turn_can_be_cancelled() -> None:
    lock = threading.RLock()

    def work() -> None:
        with turn(lock):
            pytest.fail("the lock is held by somebody else")

    with lock:
        job = Job(work).start()
        assert job.cancel()
        with pytest.raises(CancelledError):
            job.result()


def test_without_a_job_nothing_is_watched() -> None:
    stage("Reading rows")
    check_cancelled()
    last_call()
    with watched(Statement()):
        pass
