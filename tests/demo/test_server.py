"""The routes: the page, what it asks first, and a clip from order to end."""

import pytest

from ssagan_jax.demo import clips, example, icons, orders
from tests.helpers.visitors import finished, order


@pytest.fixture
def client(serve):
    with serve() as server, server.client() as client:
        yield client


def test_the_page_and_its_files(client):
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    script = client.get("/static/app.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert client.get("/static/example-1.jpg").content == example.jpeg()
    icon = client.get("/static/icon-180.png")
    assert (icon.content, icon.headers["content-type"]) == (icons.png("icon-180.png"), "image/png")
    assert client.get("/static/server.py").status_code == 404


def test_what_the_page_asks_first(client):
    told = client.get("/api/about").json()
    assert told["speeds"] == list(orders.SPEEDS) and told["seconds"] == list(orders.SECONDS)
    assert told["step"] == clips.STEP and told["side"] == 320
    assert told["device"] is None and told["kept_minutes"] == 30


def test_a_clip_from_order_to_end(client):
    ordered = order(client, seconds=1)
    assert ordered.status_code == 201
    name = ordered.json()["name"]
    assert finished(client, name)["state"] == "ready"
    assert client.get(f"/api/clips/{name}/clip.mp4").headers["content-type"] == "video/mp4"
    assert client.get(f"/api/clips/{name}/upload").status_code == 404
    assert client.post(f"/api/clips/{name}/leave").status_code == 204
    assert client.get(f"/api/clips/{name}").json()["message"].startswith("This clip is no longer")
