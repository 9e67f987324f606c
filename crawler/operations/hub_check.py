"""Whether the Hub answers: one request, the smallest that a crawl would make, and no second attempt."""

from urllib.parse import urlencode

import httpx2  # the transport of huggingface_hub: its errors are what its functions raise
from huggingface_hub.utils import http_backoff, parse_ratelimit_headers

from crawler.errors import HubGenealogyError
from crawler.hub.client import PASSING, HubClient
from crawler.operations.check import Check, fail, ok, warn
from crawler.records.page import PageError, read_page
from crawler.records.record import EXPAND
from crawler.settings import Settings

SECONDS = 15.0


def check_hub(settings: Settings) -> Check:
    """Ask for one model with the fields that a crawl asks for: address, network, token, fields and quota are right."""
    endpoint, token = settings["hub.endpoint"], (settings["hub.token"] or "").strip()
    query = [("limit", "1"), *(("expand", name) for name in EXPAND)]
    try:
        headers = HubClient(settings).headers  # refuses a token or a contact that no request can carry
        response = http_backoff(
            "GET",
            f"{endpoint}/api/models?{urlencode(query)}",
            max_retries=0,
            retry_on_exceptions=(),
            retry_on_status_codes=(),
            headers=dict(headers),
            timeout=SECONDS,
            follow_redirects=False,
        )
    except HubGenealogyError as error:
        return fail("hub", str(error))
    except httpx2.HTTPError as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return fail("hub", f"{endpoint} cannot be reached ({reason}): check HF_ENDPOINT and the network")
    if response.status_code != 200:
        return _refused(endpoint, response, with_token=token != "")
    try:
        read_page(response.content)
    except PageError as error:
        return fail("hub", f"the answer of {endpoint} is no list of models ({error}): check HF_ENDPOINT")
    access = "the token is accepted" if token else "no token (HF_TOKEN: a higher quota)"
    return ok("hub", f"{endpoint} answers; {access}; {_quota(response)}")


def _refused(endpoint: str, response: httpx2.Response, *, with_token: bool) -> Check:
    status = response.status_code
    if status == 429:
        return warn("hub", f"{endpoint} answers 429, the quota is used up: {_quota(response)}; a crawl waits for more")
    if status in PASSING:
        return warn("hub", f"{endpoint} answers {status}: a crawl asks again until hub.patience is used up")
    if status in (401, 403) and with_token:
        return fail("hub", f"{endpoint} refuses the token with {status}: put a valid read token into HF_TOKEN")
    reason = " ".join(response.text.split())[:300] or "no reason given"
    return fail("hub", f"{endpoint} answers {status} ({reason}): check HF_ENDPOINT")


def _quota(response: httpx2.Response) -> str:
    rate = parse_ratelimit_headers(response.headers)
    if rate is None:
        return "it names no quota"
    of = f" of {rate.limit}" if rate.limit is not None else ""
    return f"{rate.remaining}{of} requests left for {rate.reset_in_seconds} s"
