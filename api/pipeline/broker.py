"""RabbitMQ's queues, as its metrics for Prometheus show them: without a log-in, and read only."""

from __future__ import annotations

import re

import httpx

from api.shapes.status import Broker, Queue

METRICS = "/metrics/detailed"
FAMILY = "queue_coarse_metrics"
MESSAGES = re.compile(r"^rabbitmq_detailed_queue_messages\{(?P<labels>[^}]*)\} (?P<count>\S+)$", re.MULTILINE)
QUEUE = re.compile(r'queue="(market\.[^"]*)"')


async def broker_status(rabbitmq: httpx.AsyncClient, vhost: str) -> Broker:
    """Return how many messages each of our queues has; a broker that is away is no error."""
    try:
        answer = await rabbitmq.get(METRICS, params={"family": FAMILY, "vhost": vhost})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        return Broker("unavailable", f"the metrics of RabbitMQ at {rabbitmq.base_url} do not answer ({why})")
    queues = [
        Queue(name[1], int(float(found["count"])))
        for found in MESSAGES.finditer(answer.text)
        if (name := QUEUE.search(found["labels"]))
    ]
    return Broker("available", queues=sorted(queues, key=lambda queue: queue.name))
