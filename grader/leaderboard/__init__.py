"""Leaderboards: entries that are verified by running them, and ranked.

    track          leaderboard.toml of an assignment: what is measured, in which unit, within which limits
    entry          what an entrant sends: code as for a hand-in, files of a run, a claim
    pack           makes one of a folder
    gpu            whether this machine has one to verify on
    worker         an entry's code in the sandbox, called and watched by a verifier
    verification   entry ─▶ policy ─▶ the track's verifier (staff/leaderboards/<assignment>/) ─▶ Verdict
    ranking        places, ties within the noise, the record over time
    directory      a leaderboard in a folder, without a server

Covered: a number that somebody typed is never ranked; whatever an entry does to its own clock, reports or process
changes nothing about what the trusted side measures. Not covered: how long somebody trained before they sent an entry; that
stays a claim, and is shown as one.
"""
