import signal
import threading

import pytest

from xner.machine.stopping import TerminatedError, held, terminable


@pytest.fixture
def handlers():
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests in the background ignores it
    yield {**former, signal.SIGINT: signal.default_int_handler}
    for number, handler in former.items():
        signal.signal(number, handler)


def test_sigterm_is_an_exception_that_no_job_takes_for_a_failure(handlers):
    with pytest.raises(TerminatedError), terminable():
        signal.raise_signal(signal.SIGTERM)
    assert not issubclass(TerminatedError, Exception)
    assert signal.getsignal(signal.SIGTERM) == handlers[signal.SIGTERM]


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, TerminatedError)])
def test_a_signal_is_held_back_until_the_end_or_until_it_is_asked_for(handlers, number, error):
    done = []
    with pytest.raises(error), terminable():
        with held() as signals:
            assert signals.number == 0
            signal.raise_signal(number)
            assert signals.number == number
            done.append("within")
        done.append("after")
    with pytest.raises(error), terminable(), held() as signals:
        signals.act(number)  # as another process of the run has heard
        done.append("after")
    assert done == ["within"]
    assert signal.getsignal(number) == handlers[number]


def test_the_second_signal_acts_at_once(handlers):
    done = []
    with pytest.raises(KeyboardInterrupt), held():
        signal.raise_signal(signal.SIGINT)
        done.append("first")
        signal.raise_signal(signal.SIGINT)
        done.append("second")
    assert done == ["first"]


def test_what_fails_meanwhile_does_not_swallow_a_signal(handlers):
    with pytest.raises(KeyboardInterrupt), held():
        signal.raise_signal(signal.SIGINT)
        raise ValueError


def test_a_signal_that_is_ignored_stays_ignored(handlers):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with held() as signals:
        signal.raise_signal(signal.SIGINT)
    assert signals.number == 0


def test_another_thread_holds_nothing_back(handlers):
    numbers = []

    def work():
        with terminable(), held() as signals:
            numbers.append(signals.number)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert numbers == [0] and signal.getsignal(signal.SIGTERM) == handlers[signal.SIGTERM]
