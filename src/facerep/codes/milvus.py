"""A gallery of codes in a vector database: Milvus, in a file beside us or on a cluster by its address.

Milvus has bits and Hamming distance, and one client for both forms. Of the embedded form, milvus-lite, only version
2.5 has binary vectors.
Source: the client is pymilvus 2.6; docs/scale.md tells how a server is set up.
"""

from __future__ import annotations

import logging
import os
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from facerep.codes.milvus_collection import Store
from facerep.errors import BadInput, NotAvailable, Usage

LOCAL_WAIT, REMOTE_WAIT = 30.0, 10.0  # seconds

_ABSENT = re.compile(r"Fail connecting|StatusCode\.UNAVAILABLE|Socket closed|Connection reset")
_STRANGERS = re.compile(r"auth check failure|UNAUTHENTICATED|PERMISSION_DENIED|permission deny|PermissionDenied")


@contextmanager
def opened(address: str, collection: str, *, new: bool = True) -> Iterator[Store]:
    """A collection of the database at an address: a file whose name ends in .db, or http://host:port.

    Raises:
        Usage: an address or a collection's name that cannot be.
        BadInput: no such file, and it is not to be `new`.
        NotAvailable: the client is not installed, or the database does not answer, ends or refuses.
    """
    remote = "://" in address
    where = _without_password(address) if remote else address
    if not re.fullmatch(r"[A-Za-z_]\w{0,254}", collection, re.ASCII):
        raise Usage(f"no collection can be named {collection!r}", hint="use letters, digits and _")
    if not remote:
        _check_file(Path(address), new)
    try:
        from grpc import RpcError  # pyright: ignore[reportMissingModuleSource]
        from pymilvus import MilvusException  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise _not_installed("pymilvus") from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it writes a traceback for what it raises anyway
    try:
        client = _connected(address, REMOTE_WAIT) if remote else _connected(address, LOCAL_WAIT, starting=True)
    except (MilvusException, RpcError) as error:
        if "milvus-lite is required" in str(error):
            raise _not_installed("milvus-lite") from error
        hint = "start the server, or correct the address" if remote else "end what else uses it, or name another file"
        raise _refused(error, where) or NotAvailable("store does not answer", where, hint) from error
    try:
        yield Store(client, where, collection)
    except (MilvusException, RpcError) as error:
        if _ABSENT.search(str(error)):
            hint = "once it is back, the same command goes on" if remote else "give the same command again"
            raise NotAvailable("store does not answer any more", where, hint) from error
        said = " ".join(getattr(error, "message", str(error)).split())[:200]
        raise _refused(error, where) or NotAvailable(f"store refused ({said})", where) from error
    finally:
        client.close()
        if not remote and Path(address).exists():
            os.chmod(address, 0o600)  # faces are biometric data


def _connected(address: str, wait: float, *, starting: bool = False) -> Any:
    """A client; the embedded server is `starting`, and on a busy machine it takes longer than the client waits."""
    from pymilvus import MilvusClient, MilvusException  # pyright: ignore[reportMissingImports]

    end = time.monotonic() + wait
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # milvus-lite imports pkg_resources, which warns
                return MilvusClient(address, timeout=wait, dedicated=True)  # a shared one may be broken
        except MilvusException as error:
            if not starting or "Fail connecting" not in error.message or time.monotonic() > end:
                raise
        time.sleep(0.1)


def _check_file(path: Path, new: bool) -> None:
    if path.suffix != ".db" or not re.fullmatch(r"[\w.-]{1,36}", path.name, re.ASCII):
        hint = "name a file of letters, digits, `.`, `_` and `-` that ends in .db, or http://host:19530"
        raise Usage(f"no store can be at {str(path)!r}", hint=hint)
    if not path.parent.is_dir():
        raise BadInput("no such folder", path.parent)
    if path.is_dir():
        raise BadInput("a folder, a database file is wanted", path)
    if not path.exists() and not new:
        raise BadInput("no such store", path, "give the gallery's code file too, which is then loaded")


def _refused(error: Exception, where: str) -> NotAvailable | None:
    """The line where user or password are wrong or may not do this, None where something else is the matter."""
    if not _STRANGERS.search(f"{error} {error.__cause__}"):
        return None
    return NotAvailable("store refuses this user", where, "give such as http://USER:PASSWORD@HOST:19530")


def _not_installed(package: str) -> NotAvailable:
    return NotAvailable(f"a store wants the package {package}", hint="pip install 'facerep[milvus]'")


def _without_password(address: str) -> str:
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https", "tcp") or not parts.hostname or parts.port == 0:
            raise ValueError
    except ValueError as error:  # the port is checked when it is looked at
        what = f"no address of a store: {address.rpartition('@')[2]!r}"
        raise Usage(what, hint="give such as http://host:19530") from error
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
