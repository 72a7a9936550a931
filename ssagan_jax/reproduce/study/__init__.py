"""Preference studies: which of two clips looks more real to people.

``making`` turns ``sources`` of clips into films, by the ``design``; ``folder`` is what a study is
on the disk. ``serving`` runs the ``server`` of the ``page``, whose votes are ``ballots``;
``exporting`` writes the page for other hosts, whose ``answers`` come back as files. ``votes``,
``scores`` and ``agreement`` are what the report (``reproduce.study_report``) is made of.
"""
