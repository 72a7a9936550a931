"""Every table of the paper by one command: ``ssagan reproduce --table=NAME``.

``tables`` says what the rows are, ``budgets`` how long they train, ``plan`` which command that is,
``training`` runs it and ``gather`` reads what the runs left; ``columns`` takes the means of their
scores; ``scores_table``, ``runs_table``, ``picture`` and ``pareto_front`` show it. ``preferences``
is the table of votes, and ``study_report`` that of a study (``study``).
"""
