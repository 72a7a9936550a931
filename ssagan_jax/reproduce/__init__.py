"""Every table of the paper by one command: ``ssagan reproduce --table=NAME``.

``tables`` says what the rows are, ``budgets`` how long they train, ``plan`` which command that is,
``training`` runs it, ``gather`` reads what the runs left, ``sheet``, ``picture`` and ``front``
show it.
"""
