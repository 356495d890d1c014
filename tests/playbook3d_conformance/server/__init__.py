"""Tests any server: what is sent, sending it, and reports without secrets.

``options`` reads the command line. ``selection`` decides which operations are tested, ``plan`` what they are sent, and
prints it; ``examples`` removes what names something that exists. ``run`` sends it with the stock command of
Schemathesis (``schemathesis_cli``) in a process of its own that ends in time (``run_limit``). ``reports`` and
``secret_scan`` find credentials in what it wrote; only then it is kept.
"""
