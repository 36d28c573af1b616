"""What the endpoints work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import httpx
from fastapi import Depends, Request

from api.database import Database
from api.settings import ApiSettings


@dataclass
class Services:
    """What lives as long as the application serves; `app.state.services`."""

    settings: ApiSettings
    database: Database
    flink: httpx.AsyncClient
    rabbitmq: httpx.AsyncClient


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(_services)]
