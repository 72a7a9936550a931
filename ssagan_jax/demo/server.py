"""The demo's routes. See the table at the end of ``make_application``."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from ssagan_jax.demo import clips, device_files, example, guards, icons, orders, scenes, uploads
from ssagan_jax.demo.device_files import DeviceFiles
from ssagan_jax.demo.jobs import READY, WAITING, WORKING, Job, Jobs
from ssagan_jax.demo.limits import Limits
from ssagan_jax.demo.orders import Refused

_STATIC = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}
_RESULTS = {
    clips.VIDEO: "video/mp4",
    clips.GIF: "image/gif",
    clips.PHOTO: "image/jpeg",
    scenes.SCENE: "application/json",
    scenes.LAYER: "image/png",
    scenes.ALPHA: "image/png",
    scenes.MOTION: "application/octet-stream",
}
# A name is followed by other content only under another key.
_KEPT_BY_BROWSERS = {"Cache-Control": "private, max-age=31536000, immutable"}
_CHUNK = 2**18  # bytes
_SWEEP = 1.0  # seconds
_GONE = "This clip is no longer here. Make it again."

Endpoint = Callable[[Request], Awaitable[Response]]


def make_application(
    jobs: Jobs,
    *,
    limits: Limits,
    host: str,
    model: Mapping[str, bool | int],
    on_device: DeviceFiles | None = None,
) -> Starlette:
    """The whole demo as an ASGI application; at its end it closes ``jobs``.

    Args:
      jobs: the queue.
      limits: of uploads and rates.
      host: what the server was bound to.
      model: what the page has to know of it, of ``clips.described``.
      on_device: what visitors' devices need to make clips themselves; None: they cannot.
    """
    uploading = guards.Slots(limits.uploads, limits.uploads_each)
    requests = guards.RateLimiter(limits.requests_a_minute)
    ordering = guards.RateLimiter(limits.orders_a_minute)
    check = guards.make_check(host, requests)

    async def about(request: Request) -> Response:
        return JSONResponse(
            {
                **model,
                "device": f"{device_files.DEVICE}{on_device.key}/" if on_device else None,
                "side": limits.side,
                "step": clips.STEP,
                "body": limits.body,
                "kept_minutes": round(limits.kept_at_most / 60),
                "speeds": orders.SPEEDS,
                "seconds": orders.SECONDS,
                "seeds": orders.SEEDS,
            }
        )

    async def order(request: Request) -> Response:
        address = guards.address_of(request.scope)
        if request.headers.get("content-type") != "application/octet-stream":
            raise Refused(415, "The body is application/octet-stream: a photo's file.")
        with contextlib.ExitStack() as stack:
            wanted = orders.parse_order(request.query_params)
            ordering.take(address)
            jobs.check_room(address)
            stack.enter_context(uploading.taken(address))
            job = await _add_uploaded(request, jobs, address, wanted, limits)
        return JSONResponse(_job_as_json(jobs, job), status_code=201)

    async def state(request: Request) -> Response:
        return JSONResponse(_job_as_json(jobs, _find_job(jobs, request)))

    async def leave(request: Request) -> Response:
        jobs.leave(request.path_params["name"])
        return Response(status_code=204)

    async def result(request: Request) -> Response:
        job, file = _find_job(jobs, request), request.path_params["file"]
        if file not in _RESULTS or (job.state == READY and not (job.folder / file).is_file()):
            raise Refused(404, "There is nothing here.")
        if job.state != READY:
            raise Refused(409, "The clip is not ready yet.")
        return FileResponse(job.folder / file, media_type=_RESULTS[file])

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sweeping = asyncio.create_task(_sweep(jobs, requests, ordering))
        yield
        sweeping.cancel()
        await run_in_threadpool(jobs.close)

    page = _page(_read_static())
    routes = [
        Route("/", page),
        Route("/static/{file}", page),
        Route("/api/about", about),
        Route("/api/clips", order, methods=["POST"]),
        Route("/api/clips/{name}", state),
        Route("/api/clips/{name}/leave", leave, methods=["POST"]),
        Route("/api/clips/{name}/{file}", result),
    ]
    if on_device:
        routes.append(Route(device_files.DEVICE + "{key}/{file}", _device_file(on_device)))
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(uploads.TakeBodies, limits=limits),
            Middleware(
                guards.AddHeaders, headers=guards.ON_DEVICE_HEADERS if on_device else guards.HEADERS
            ),
            Middleware(guards.CheckRequests, check=check, refusal=guards.refusal),
        ],
        exception_handlers=_HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # what is not in the table is not there
    return app


async def _add_uploaded(
    request: Request, jobs: Jobs, address: str, wanted: Any, limits: Limits
) -> Job:
    """A job of a request's body; leaves nothing behind if it is refused."""
    folder = jobs.new_folder()
    try:
        photo, mask = folder / clips.UPLOAD, folder / clips.MASK
        await uploads.receive_body(request, photo, limits=limits)
        if wanted.mask_bytes:
            uploads.split_mask(photo, mask, mask_bytes=wanted.mask_bytes)
            await run_in_threadpool(uploads.check_mask, mask, limits=limits)
        await run_in_threadpool(uploads.check_photo, photo, limits=limits)
        return jobs.add(folder, address, wanted)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _find_job(jobs: Jobs, request: Request) -> Job:
    # The name is looked up, never part of a path.
    job = jobs.find(request.path_params["name"])
    if job is None:
        raise Refused(404, _GONE)
    return job


def _job_as_json(jobs: Jobs, job: Job) -> dict:
    told: dict[str, str | int] = {"name": job.name, "state": job.state, "message": job.message}
    if job.state == WAITING:
        told["place"] = jobs.position(job)
    if job.state == WORKING:
        told |= {"done": job.done, "total": job.total}
    return told


def _read_static() -> dict[str, bytes]:
    """The page's files by name: in memory, so no request ever names a file on the disk."""
    folder = resources.files("ssagan_jax.demo") / "static"
    found = [file for file in folder.iterdir() if Path(file.name).suffix in _STATIC]
    return {file.name: file.read_bytes() for file in found}


def _page(files: dict[str, bytes]) -> Endpoint:
    async def page(request: Request) -> Response:
        name = request.path_params.get("file", "index.html")
        if name in example.SCENES:
            content = await run_in_threadpool(example.jpeg, name)  # painting takes a second, once
        elif name in icons.ICONS:
            content = await run_in_threadpool(icons.png, name)
        elif name in files:
            content = files[name]
        else:
            raise Refused(404, "There is nothing here.")
        return Response(content, media_type=_STATIC[Path(name).suffix])

    return page


def _device_file(files: DeviceFiles) -> Endpoint:
    async def device_file(request: Request) -> Response:
        name = request.path_params["file"]
        content = files.find(request.path_params["key"], name)
        if content is None:
            raise Refused(404, "There is nothing here.")
        headers = {"Content-Length": str(len(content)), **_KEPT_BY_BROWSERS}
        kind = device_files.KINDS[Path(name).suffix]
        return StreamingResponse(_parts(content), media_type=kind, headers=headers)

    return device_file


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    # As one piece it would be copied for each visitor who reads slowly, and it is large.
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


async def _sweep(jobs: Jobs, *rates: guards.RateLimiter) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        await run_in_threadpool(jobs.sweep)
        for rate in rates:
            rate.forget()


async def _gone(_: Request, __: uploads.Gone) -> Response:
    return Response(status_code=400)


_HANDLERS: dict[Any, Callable[..., Awaitable[Response]]] = {**guards.HANDLERS, uploads.Gone: _gone}
