import threading
import time


def burn():
    """For three minutes at most."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        sum(range(20_000))


threading.Thread(target=burn, daemon=True).start()
