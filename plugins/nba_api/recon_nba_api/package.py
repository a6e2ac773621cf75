"""Asks through the package ``nba_api``, whose maintainers keep up with the headers that the NBA wants.

It comes with the extra ``recon-nba-api[client]`` and is imported by a pull that asks for it alone.
"""

from __future__ import annotations

import asyncio

from recon_core.api import ConfigError
from recon_nba_api.client import PassingError
from recon_nba_api.options import Settings

__all__ = ["get_by_package"]


async def get_by_package(label: str, settings: Settings) -> bytes:
    """The body that stats.nba.com sends for a season.

    The package does not tell an answer's status, so that a refusal shows as a body that is no JSON. Raises
    PassingError, ConfigError where the package is not installed.
    """
    try:
        import requests
        from nba_api.stats.library.http import NBAStatsHTTP
    except ImportError as error:
        raise ConfigError(
            f"option fetch of nba_api: the package nba_api cannot be imported ({error}): "
            "pip install 'recon-nba-api[client]', or leave the option out"
        ) from error

    http = NBAStatsHTTP()
    http.base_url = settings.stats_url + "/{endpoint}"
    # The address says the host, also where it is a mirror's.
    headers = {name: value for name, value in http.headers.items() if name.lower() != "host"}

    def get() -> bytes:
        answer = http.send_api_request(
            endpoint="scheduleleaguev2",
            parameters={"LeagueID": "00", "Season": label},
            headers=headers,
            timeout=settings.timeout_seconds,
        )
        return str(answer.get_response()).encode()

    try:
        return await asyncio.to_thread(get)
    except requests.Timeout:
        raise TimeoutError from None
    except requests.RequestException as error:
        raise PassingError(f"the connection failed ({type(error).__name__})") from error
