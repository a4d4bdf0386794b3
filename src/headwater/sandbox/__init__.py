"""Floor 2: where evidence is parsed: a worker process without files, network, children or time without end.

`child` starts one and `channel` talks to it; `entry` runs in it, and `jail` shuts it in: resource limits, namespaces
where the kernel grants them, Landlock, seccomp. `probe` tries to break out, for `headwater doctor` and the tests.
"""
