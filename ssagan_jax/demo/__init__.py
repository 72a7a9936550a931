"""``ssagan demo``: a page that turns a visitor's photo into a moving clip.

``server`` has the routes, ``guards`` and ``connections`` what keeps strangers in bounds, ``limits``
the numbers, ``uploads`` what a body must be, ``orders`` what may be asked for, ``jobs`` the queue,
``clips`` the making, ``worker`` the process where that happens, ``scenes`` what the page needs to
blow a photo by itself, ``example`` photos to try, ``icons`` the page's own, ``command`` the start,
and ``static`` the page.
``on_device`` writes the folder with which browsers make clips themselves (``runtime_package`` gets
the program that they run, ``webgpu_model`` adapts the model), and ``device_files`` reads it.
"""
