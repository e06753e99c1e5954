"""The operations over HTTP: a thin face, which knows headers, codes and bodies, and no rules.

app        puts the parts together
access     keys, rate limits, the workers' secret
envelope   what every request goes through: its id, its size, the log, errors of ours
bodies     JSON in and out
public     the routes of students
internal   the routes of workers
offline    the routes of the 2024/25 course
"""
