"""The windows of the Hub's rate limits, with several requests on their way."""

from huggingface_hub.utils import RateLimitInfo

from crawler.hub.rates import Windows

API = "https://hub.invalid/api/models"


def used_up(seconds: int) -> RateLimitInfo:
    return RateLimitInfo(resource_type="api", remaining=0, reset_in_seconds=seconds, limit=50, window_seconds=seconds)


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
