"""Trackers of experiments, one a file, by the names that ``config.trackers`` has.

A file has ``PACKAGE``, which its extra installs and nothing else imports, and ``start``, which
takes an ``About`` and returns a ``Tracker`` (``training.tracking``). Where a library writes to is
said by its own environment variables.
"""
