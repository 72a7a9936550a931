"""A server that stands for Google Cloud Storage, on the loopback: see test_buckets.

python tests/helpers/emulator.py    (prints its address)
"""

import contextlib
import logging
import sys
from http import HTTPStatus
from http.server import HTTPServer

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


def main():
    logging.disable(logging.CRITICAL)
    HTTPServer.request_queue_size = 128  # of 5, some would be turned away
    HTTPServer.handle_error = lambda *_: None  # gcsfs closes what it no longer wants to know
    objects.download = with_generation(objects.download)
    objects._multipart_upload = keeping_what_is_there(objects._multipart_upload)
    from gcp_storage_emulator.server import create_server

    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket=BUCKET)
    with server:
        print(f"http://127.0.0.1:{server._api._httpd.server_port}", flush=True)
        sys.stdin.read()  # until whoever started it is gone


if __name__ == "__main__":
    main()
