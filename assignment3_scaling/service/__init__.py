"""The training API: submit runs under a budget, watch them, bet on a large one.

limits, rules, schemas   what a training config may be, and what is wrong with one
identity                 when two configs are the same experiment
errors                   what a request may be refused with
backend                  the seam to what trains: `simulated/` and `training/`
service                  the operations themselves, without a socket: what the API, the clients and the tests share
store                    the tables, in an SQLite file or in PostgreSQL
dispatcher, runner       who runs next, and running it
api                      the operations over HTTP
"""
