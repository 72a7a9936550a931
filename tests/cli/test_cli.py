"""What the commands share."""

from ssagan_jax.cli import names


def test_names():
    assert names("kvd, fvd,") == ("kvd", "fvd")
    assert names("") == ()
