"""The course server: hand-ins and leaderboard entries come in, are queued, graded and shown.

settings     what whoever starts it may set
errors       what it refuses, with the code of HTTP that says so
tables       the rows; migrations/ makes and changes their tables
database     an open database, SQLite or PostgreSQL, and its two kinds of transaction
audit        who changed what
accounts     people, their tokens, roles, sessions and pseudonyms
limits       how often and how much
uploads      bytes on their way in, and where they are kept
submissions  what was handed in, accepted once
queue        what waits, who works on it, and what came of it
scores       scored hand-ins out of the gradebook, held while they stand
boards       the leaderboards as anybody sees them
queries      what a person may see, as plain data
office       all of these over one database
grading      runs what was claimed through the batch engine or a leaderboard's verification
worker       the process that claims and grades
api          the routes for programs
envelope     what every request goes through
forms        the forms of pages: whose they are
app          the application
serving      the process that listens
backup       all of it in one file, and back
pages/       the routes for people

What is acknowledged is committed, and its bytes are on the disk. No student's code runs in the server's process, nor is
a hand-in opened in it: a worker does both, in the sandbox.
"""
