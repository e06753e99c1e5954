"""The server's pages: made whole on the server, styled by one sheet, without a script.

rendering   templates to answers; what students wrote is made fit to be shown
plot        the history of a leaderboard as lines and marks of an SVG
public      leaderboards and entries, for everybody
own         logging in, and what a person has handed in
staff       the class at a glance, and the audit log
downloads   the class's grades as files
routes      all of these, the style sheet, and the page that says what went wrong
"""

from grader.server.pages.routes import error_page, page_routes

__all__ = ["error_page", "page_routes"]
