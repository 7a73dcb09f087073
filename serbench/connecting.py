"""Why something could not be fetched, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from serbench.errors import SerbenchError

if TYPE_CHECKING:
    import requests


class DownloadError(SerbenchError):
    """A file that could not be fetched, or is not the one that was to be fetched."""


def refused(answer: requests.Response, url: str) -> DownloadError:
    """What to raise for an answer that is no file."""
    status = f"HTTP {answer.status_code} {answer.reason}".strip()
    if answer.status_code in {404, 410}:
        return DownloadError(f"there is no file at {url} any more ({status})")
    if answer.status_code >= 500 or answer.status_code == 429:
        return DownloadError(
            f"the server of {url} cannot answer now ({status})", advice="try again later"
        )
    return DownloadError(f"the server of {url} refuses to send it ({status})")


def in_words(error: Exception, url: str, timeout: tuple[float, float]) -> str:
    """Why a connection failed, without the library's inner life."""
    import requests

    host = urlsplit(url).hostname
    text = repr(error)
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy that HTTP_PROXY or HTTPS_PROXY names gives no way to {host}"
    if isinstance(error, requests.exceptions.SSLError):
        return f"{host} cannot prove who it is (TLS certificate)"
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return f"the name {host} is not known here (no network, or no DNS)"
    if "imed out" in text or "Timeout" in text:
        return f"{host} has been silent for {timeout[1]:g} s, or did not answer in {timeout[0]:g} s"
    if "refused" in text:
        return f"{host} refuses the connection"
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return "the address is none of http or https"
    return f"the connection to {host} broke off"
