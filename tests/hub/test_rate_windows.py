"""The windows of the Hub's rate limits, with several requests on their way."""

import pytest
from huggingface_hub.utils import RateLimitInfo

from crawler.hub.rates import Windows

API = "https://hub.invalid/api/models"


def left(requests: int, seconds: int) -> RateLimitInfo:
    return RateLimitInfo(
        resource_type="api", remaining=requests, reset_in_seconds=seconds, limit=50, window_seconds=seconds
    )


def used_up(seconds: int) -> RateLimitInfo:
    return left(0, seconds)


def test_a_request_that_waited_waits_again_where_others_used_up_the_window_before_it_woke() -> None:
    now, slept = 1000.0, list[float]()

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds
        if len(slept) == 1:  # this thread is slow to wake up, and another one is not
            with windows.sending(API) as other:
                other.rate = used_up(30)

    windows = Windows(sleep, lambda: now)
    with windows.sending(API) as first:
        first.rate = used_up(10)
    with windows.sending(API):
        assert slept == [11, 31]


class MustWaitError(Exception):
    """A request has to wait."""


def never(_seconds: float) -> None:
    raise MustWaitError


def test_requests_that_begin_before_the_next_answer_are_counted() -> None:
    windows = Windows(never, lambda: 1000.0)
    with windows.sending(API) as first:
        first.rate = left(4, 30)
    # One of four is left to other programs.
    with (
        windows.sending(API),
        windows.sending(API),
        windows.sending(API),
        pytest.raises(MustWaitError),
        windows.sending(API),
    ):
        pass


def test_an_answer_that_is_noted_late_gives_nothing_back() -> None:
    windows = Windows(never, lambda: 1000.0)
    with windows.sending(API) as late:
        with windows.sending(API) as newer:
            newer.rate = left(3, 30)
        late.rate = left(4, 31)
    with windows.sending(API), pytest.raises(MustWaitError), windows.sending(API):
        pass


def test_the_first_answer_of_the_next_window_counts_whatever_was_left_of_the_one_before() -> None:
    now = 1000.0
    windows = Windows(never, lambda: now)
    with windows.sending(API) as last:
        last.rate = left(2, 1)
    now += 1.5  # the Hub's window has ended, and the second that is waited for good measure has not
    with windows.sending(API) as first:
        first.rate = left(49, 300)
    with windows.sending(API), windows.sending(API), windows.sending(API):
        pass
