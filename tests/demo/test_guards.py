"""Rates and addresses; the rest of the guards is in the attacks."""

import asyncio

import pytest
from starlette.requests import Request

from ssagan_jax.demo import guards
from ssagan_jax.demo.guards import RateLimiter, network_of, own_names
from ssagan_jax.demo.orders import Refused


def test_a_bucket_refills_steadily_and_is_forgotten():
    now = [0.0]
    rate = RateLimiter(6, clock=lambda: now[0])
    for _ in range(6):
        rate.take("a")
    with pytest.raises(Refused, match=r"That was too often\. Wait 10 s\."):
        rate.take("a")
    rate.take("b")
    now[0] += 10
    rate.take("a")
    with pytest.raises(Refused):
        rate.take("a")
    rate.forget()
    assert len(rate) == 1  # b's is full again
    now[0] += 60
    rate.forget()
    assert len(rate) == 0


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.168.1.2", "192.168.1.2"),
        ("::ffff:192.168.1.2", "192.168.1.2"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_one_visitor_is_one_network(host, network):
    assert network_of(host) == network


def test_names_of_the_machine(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Box.example.org")
    names = own_names("Demo.local")
    assert names == {"localhost", "demo.local", "box.example.org", "box", "box.local"}


def test_a_fault_of_ours_is_told_with_the_headers_of_every_answer():
    answer = asyncio.run(guards.broken(Request({"type": "http"}), RuntimeError("a path of ours")))
    assert answer.status_code == 500 and b"a path of ours" not in answer.body
    assert all(answer.headers[name] == value for name, value in guards.HEADERS.items())
