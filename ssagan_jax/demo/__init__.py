"""``ssagan demo``: a page that turns a visitor's photo into a moving clip.

``server`` has the routes, ``guards`` and ``connections`` what keeps strangers in bounds, ``uploads``
what a body must be, ``orders`` what may be asked for, ``jobs`` the queue, ``clips`` the making, and
``static`` the page.
"""
