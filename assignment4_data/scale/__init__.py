"""Your filter pipeline over many WET files: by several processes or a Ray cluster, one file at a time.

`python -m assignment4_data.scale WET... --out DIR` calls `run_filter_pipeline` once a file, then removes copies across files.

    parts     one file filtered, and kept so that a run that was killed does not filter it again
    engines   where parts are made: a pool of processes, or Ray
    merging   all parts together, without the copies among them
    reports   what was kept, as JSON, as text, and as a plot of the funnel

What is kept is the same whatever the number of workers, and however often the run was killed and begun again. Memory does
not grow with the number of files: what must be known of every document is on the disk, but for one bit each. Not covered:
near duplicates across files, and workers without the file system that the run was started on.
"""
