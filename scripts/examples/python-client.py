"""Sends metrics with the client of the Python agent: pip install chouette-iot-client

It writes to Redis. Chouette takes that itself, without a Redis server, with REDIS_LISTEN=127.0.0.1:6379 in chouette.env.
The client finds it by the variables REDIS_HOST=127.0.0.1 and REDIS_PORT (6379), which must be set before it is imported.
"""

import os

os.environ.setdefault("REDIS_HOST", "127.0.0.1")

from chouette_iot_client import ChouetteClient  # noqa: E402

ChouetteClient.gauge("aquarium.temperature", 24.8, tags={"tank": "left"})
ChouetteClient.count("aquarium.fed", 1, tags={"tank": "left"})
stored = ChouetteClient.histogram("aquarium.ph", 7.1, tags={"tank": "left"})

# Each call returns a future; its result is the record's key, or None when it was not stored.
if stored.result() is None:
    raise SystemExit("not stored: does Chouette run with REDIS_LISTEN?")
