"""What events may hold: read from the installed types, and used for forms, checks and the reference.

Nothing here knows sockets, the event loop or the page.
"""
