"""What a test may do to a server that the tests started themselves, by its process id."""

import os
import signal


def stall(pid: int) -> None:
    """Stop the server where it stands: it keeps its connections and answers nothing."""
    os.kill(pid, signal.SIGSTOP)


def resume(pid: int) -> None:
    """Let a stalled server go on."""
    os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    """End the server without a chance to tidy up, as a crash does."""
    os.kill(pid, signal.SIGKILL)
