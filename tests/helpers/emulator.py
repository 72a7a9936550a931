"""A server that stands for Google Cloud Storage, on the loopback: see helpers/buckets.py.

python tests/helpers/emulator.py [SECONDS]    (prints its address; each answer comes SECONDS later)
"""

import contextlib
import logging
import re
import sys
import threading
import time
from http import HTTPStatus, server

from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers import objects

BUCKET = "bucket"


def with_generation(download):
    """Google says which version of an object it sends; tensorstore writes by that."""

    def answer(request, response, storage, *args, **kwargs):
        download(request, response, storage, *args, **kwargs)
        if response.status < 400:
            place = request.params["bucket_name"], request.params["object_id"]
            response["x-goog-generation"] = storage.get_file_obj(*place)["generation"]

    return answer


def with_ends(download):
    """Google sends the last N bytes of an object if asked to; ArrayRecord asks for its index so."""

    def answer(request, response, storage, *args, **kwargs):
        download(request, response, storage, *args, **kwargs)
        end = re.fullmatch(r"bytes=-(\d+)", request.get_header("range", ""))
        if end and response.status == HTTPStatus.OK:
            whole = response._content
            first = max(0, len(whole) - int(end[1]))
            response._content = whole[first:]
            response["Content-Range"] = f"bytes {first}-{len(whole) - 1}/{len(whole)}"
            response.status = HTTPStatus.PARTIAL_CONTENT

    return answer


def keeping_what_is_there(upload):
    """Google refuses an upload that asks for there being no such object yet."""

    def answer(request, response, storage):
        place = request.params["bucket_name"], request.data["meta"].get("name")
        if request.query.get("ifGenerationMatch") == ["0"]:
            with contextlib.suppress(NotFound):
                storage.get_file_obj(*place)
                response.status = HTTPStatus.PRECONDITION_FAILED
                return
        upload(request, response, storage)

    return answer


def one_at_a_time(handle, turn):
    """What is stored is of no use to several threads at once."""

    def answer(*arguments, **options):
        with turn:
            return handle(*arguments, **options)

    return answer


def late(handle, seconds):
    """An answer that comes from far away; others are on their way meanwhile."""

    def answer(*arguments):
        time.sleep(seconds)
        return handle(*arguments)

    return answer


def main(seconds=0.0):
    logging.disable(logging.CRITICAL)
    server.HTTPServer = server.ThreadingHTTPServer
    server.HTTPServer.request_queue_size = 128  # of 5, some would be turned away
    server.HTTPServer.handle_error = lambda *_: None  # gcsfs closes what it no longer wants to know
    objects.download = with_ends(with_generation(objects.download))
    objects._multipart_upload = keeping_what_is_there(objects._multipart_upload)
    from gcp_storage_emulator import server as emulator

    turn = threading.Lock()
    for _, methods in emulator.HANDLERS:
        methods.update({name: one_at_a_time(handle, turn) for name, handle in methods.items()})
    emulator.Router.handle = late(emulator.Router.handle, seconds)
    with emulator.create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET) as served:
        print(f"http://127.0.0.1:{served._api._httpd.server_port}", flush=True)
        sys.stdin.read()  # until whoever started it is gone


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
