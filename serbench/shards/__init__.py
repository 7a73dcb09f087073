"""Shards: finished trials in few files instead of a folder each, read as if nothing had happened.

::

    packed/20261122T000233-1a2b3c4d.tar                  trials/ab/ab12.../trial.json, and so on
           20261122T000233-1a2b3c4d.5e6f....parquet      its index, a row a trial
           set-aside/ab12....5e6f....                     what was run again: read by nothing

The tar is what counts: ``tar -xf`` of it in the results folder gives the trials' folders back, to
the byte. The index says where each file lies and what its SHA-256 is, and repeats of each trial
what a board asks first. Half of its own SHA-256 is in its name, so that one that is torn, altered
or missing is known for it; then the tar is walked, and the index written anew. A shard is never
changed once it stands: a trial that is run again is marked beside it.
"""
