"""The interface between your code and the checks: one function for each thing that is checked.

The names, arguments and return annotations are fixed; a result that does not fit its annotation fails. The
bodies are yours: a line or more that builds your object or calls your function, but no mathematics. They are
wired to the stubs already, so nothing here needs a change unless you name or store things differently.
"""

# part: profiling
# part: kernels
# part: data parallel
# part: sharded
# part: calculations
