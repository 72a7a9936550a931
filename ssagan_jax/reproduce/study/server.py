"""The study's routes: the page, its films, raters and their answers.

Guards and limits are the demo's (``demo.guards``). What raters are sent says of no film which
system is in which half.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ssagan_jax.demo import guards, uploads
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Refused
from ssagan_jax.reproduce.study import folder as folders
from ssagan_jax.reproduce.study.answers import Answer, new_code, parse_answer
from ssagan_jax.reproduce.study.ballots import Ballots
from ssagan_jax.reproduce.study.design import draw_order
from ssagan_jax.reproduce.study.folder import CLIPS, Study
from ssagan_jax.reproduce.study.page import KINDS, read_page

# A room of raters may share one address.
LIMITS = Limits(
    body=4096,
    upload_seconds=20,
    connections=512,
    connections_each=256,
    requests_a_minute=20_000,
    orders_a_minute=120,
)
MOST_RATERS = 10_000
_VOTES_PER_TRIAL = 20  # of one rater: going back is allowed, filling the disk is not
_HEADERS = {
    **guards.HEADERS,
    "Content-Security-Policy": guards.HEADERS["Content-Security-Policy"].replace(
        "img-src 'self' blob:", "img-src 'self'; media-src blob:"
    ),
}
_KEPT_BY_BROWSERS = {"Cache-Control": "private, max-age=31536000, immutable"}
_SWEEP = 1.0  # seconds


def make_application(
    study: Study, folder: Path, ballots: Ballots, *, host: str, limits: Limits = LIMITS
) -> Starlette:
    """The study as an ASGI application.

    Args:
      study: what ``folder`` holds.
      folder: of the study; the text of consent is read anew for each visitor.
      ballots: where answers go.
      host: what the server was bound to.
      limits: of bodies, rates and connections.
    """
    requests = guards.RateLimiter(limits.requests_a_minute)
    begun = guards.RateLimiter(limits.orders_a_minute)
    check = guards.make_check(host, requests)
    files, trials = read_page(), study.by_name

    async def page(request: Request) -> Response:
        name = request.path_params.get("file", "index.html")
        if name not in files:
            raise Refused(404, "There is nothing here.")
        return Response(files[name], media_type=KINDS[Path(name).suffix])

    async def about(request: Request) -> Response:
        try:
            consent = folders.read_consent(folder)
        except (ValueError, OSError) as error:  # perhaps it is being edited
            raise Refused(
                503, f"The text of consent cannot be read: {error}", retry_after=5
            ) from error
        return JSONResponse(folders.describe(study, consent))

    async def film(request: Request) -> Response:
        name = request.path_params["file"].removesuffix(".mp4")
        if name not in trials:  # looked up: no name of a request is part of a path
            raise Refused(404, "There is nothing here.")
        path = folder / CLIPS / f"{trials[name].name}.mp4"
        return FileResponse(path, media_type="video/mp4", headers=_KEPT_BY_BROWSERS)

    async def begin(request: Request) -> Response:
        begun.take(guards.address_of(request.scope))
        if len(ballots.raters) >= MOST_RATERS:
            raise Refused(503, "This study has all the raters that it can take.")
        rater = new_code()
        await _on_disk(ballots.begin, rater)
        return JSONResponse(_told(study, ballots, rater), status_code=201)

    async def resume(request: Request) -> Response:
        return JSONResponse(_told(study, ballots, _known(request, ballots)))

    async def vote(request: Request) -> Response:
        rater = _known(request, ballots)
        if ballots.count_votes(rater) >= _VOTES_PER_TRIAL * len(trials):
            raise Refused(403, "This code has voted far too often.")
        answer = _check_answer(await _read_body(request, limits), study, rater)
        await _on_disk(ballots.vote, rater, answer)
        return Response(status_code=204)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(requests, begun))
        yield
        sweeping.cancel()

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/static/{file}", page),
            Route("/about.json", about),
            Route("/clips/{file}", film),
            Route("/raters", begin, methods=["POST"]),
            Route("/raters/{rater}", resume),
            Route("/raters/{rater}/answers", vote, methods=["POST"]),
        ],
        middleware=[
            Middleware(uploads.TakeBodies, limits=limits),
            Middleware(guards.AddHeaders, headers=_HEADERS),
            Middleware(guards.CheckRequests, check=check, refusal=guards.refusal),
        ],
        exception_handlers=guards.HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # what is not in the table is not there
    return app


def _known(request: Request, ballots: Ballots) -> str:
    rater = request.path_params["rater"]
    if rater not in ballots.raters:
        raise Refused(404, "Nobody has this code here. Look at it again, or begin anew.")
    return rater


def _told(study: Study, ballots: Ballots, rater: str) -> dict[str, Any]:
    """A rater's code, order and answers, as the page needs them."""
    order = draw_order(study.trials, seed=study.seed, rater=rater)
    answered = {name: answer.chosen for name, answer in ballots.raters[rater].items()}
    return {
        "rater": rater,
        "order": [[shown.trial, shown.left] for shown in order],
        "answered": answered,
    }


def _check_answer(body: bytes, study: Study, rater: str) -> Answer:
    try:
        answer = parse_answer(json.loads(body), study.by_name)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"This is no answer: {error}.") from error
    order = draw_order(study.trials, seed=study.seed, rater=rater)
    if answer.left != next(x.left for x in order if x.trial == answer.trial):
        raise Refused(400, "This rater saw that pair the other way round.")
    return answer


async def _read_body(request: Request, limits: Limits) -> bytes:
    body = b""
    try:
        async with asyncio.timeout(limits.upload_seconds):
            async for part in request.stream():
                body += part
                if len(body) > limits.body:
                    raise Refused(413, f"An answer has at most {limits.body} bytes.")
    except (TimeoutError, ClientDisconnect) as error:
        raise Refused(408, "The answer did not come.") from error
    return body


async def _on_disk(write: Callable[..., None], *what: Any) -> None:
    try:
        await run_in_threadpool(write, *what)
    except OSError as error:
        raise Refused(507, f"The server cannot save this: {error}. Tell who runs it.") from error


async def _sweep(*rates: guards.RateLimiter) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        for rate in rates:
            rate.forget()
