"""Connections that are kept open to one endpoint, and the errors that botocore has for what may go wrong with them."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import urllib3
from botocore import exceptions as aws
from botocore.awsrequest import AWSPreparedRequest
from botocore.httpsession import URLLib3Session, create_urllib3_context, get_cert_path
from botocore.utils import get_environ_proxies
from urllib3 import exceptions as raw

__all__ = ["Connections"]


class Connections:
    """Sends GET requests to the endpoint of ``url``; thread-safe.

    ``config`` is a client's, ``verify`` a file of certificate authorities to trust, or True for botocore's. Where there
    is a proxy or a certificate of the client's, botocore's own session is used, at three times the cost.
    """

    def __init__(self, url: str, config: Any, verify: bool | str, most: int) -> None:
        proxies = config.proxies if config.proxies is not None else get_environ_proxies(url)
        self._pool: urllib3.HTTPConnectionPool | None = None
        if proxies or config.client_cert:
            make: Any = URLLib3Session
            self._session: URLLib3Session = make(
                verify=verify,
                proxies=proxies,
                timeout=(config.connect_timeout, config.read_timeout),
                max_pool_connections=most,
                proxies_config=config.proxies_config,
                client_cert=config.client_cert,
            )
            return
        tls: dict[str, Any] = {}
        if urlsplit(url).scheme == "https":
            authorities: Any = verify
            tls = {
                "ssl_context": create_urllib3_context(),
                "cert_reqs": "CERT_REQUIRED",
                "ca_certs": get_cert_path(authorities),
            }
        timeout = urllib3.Timeout(connect=config.connect_timeout, read=config.read_timeout)
        manager = urllib3.PoolManager(maxsize=most, timeout=timeout, **tls)
        self._pool = manager.connection_from_url(url)

    def get(self, url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of the answer. Raises botocore's errors."""
        if self._pool is None:
            sent: Any = dict(headers)
            answer = self._session.send(AWSPreparedRequest("GET", url, sent, None, False))
            return answer.status_code, answer.headers, answer.content
        parts = urlsplit(url)
        try:
            found = self._pool.urlopen(
                "GET",
                f"{parts.path or '/'}?{parts.query}",
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                decode_content=False,
            )
        except raw.SSLError as error:
            raise aws.SSLError(endpoint_url=url, error=error) from error
        except (raw.NewConnectionError, socket.gaierror) as error:
            raise aws.EndpointConnectionError(endpoint_url=url, error=error) from error
        except raw.ConnectTimeoutError as error:
            raise aws.ConnectTimeoutError(endpoint_url=url, error=error) from error
        except raw.ReadTimeoutError as error:
            raise aws.ReadTimeoutError(endpoint_url=url, error=error) from error
        except (raw.ProtocolError, OSError) as error:
            raise aws.ConnectionClosedError(endpoint_url=url, error=error) from error
        except raw.HTTPError as error:
            raise aws.HTTPClientError(error=error) from error
        return found.status, found.headers, found.data
