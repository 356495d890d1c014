"""Recognizes a time limit that a signal handler raised while httpcore waited for a socket.

Task queues raise their time limits from signal handlers. httpcore maps every ``OSError`` that comes out of a socket
operation, ``TimeoutError`` included, to an error of its own. A limit that is such an error would then be taken for a
retryable failure of the network, and the task would run on. The traceback distinguishes them: it passes through
the code of a handler that is installed.
"""

import signal


def raised_by_signal_handler(error: Exception) -> OSError | None:
    """The ``OSError`` of a signal handler that ``error``, of httpx, was made of; ``None`` if it was not."""
    root = None if error.__cause__ is None else error.__cause__.__context__
    if not isinstance(root, OSError):
        return None
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    codes = [getattr(handler, "__code__", None) for handler in handlers]
    trace = root.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code in codes:
            return root
        trace = trace.tb_next
    return None
