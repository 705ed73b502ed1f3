"""Sends a temperature, a count and the duration of a step to Chouette on this device, without a library."""

import os
import socket
import time

ADDRESS = ("127.0.0.1", int(os.environ.get("DD_DOGSTATSD_PORT", "8125")))
chouette = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def send(metric, value, kind, **tags):
    """Kinds: c (count), g (gauge), ms (timer), h (histogram), d (distribution), s (set)."""
    tagged = ",".join(f"{name}:{tag}" for name, tag in tags.items())
    line = f"{metric}:{value}|{kind}" + (f"|#{tagged}" if tagged else "")
    try:
        chouette.sendto(line.encode(), ADDRESS)
    except OSError:
        pass  # Nobody listens. The application continues.


begin = time.monotonic()
send("greenhouse.temperature", 21.5, "g", bed="north")
send("greenhouse.watered", 1, "c", bed="north")
send("greenhouse.loop", round((time.monotonic() - begin) * 1000, 3), "ms")
