"""Workers anywhere, that a Dask scheduler knows: ``--executor dask --scheduler tcp://HOST:8786``.

Nothing of Dask is imported before this executor is asked for.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from serbench.errors import MissingExtra, UsageError
from serbench.executors.crew import Crew, one_device
from serbench.executors.dispatch import Dispatch, Tend
from serbench.executors.fitness import ClusterError, asking, facts, travelling
from serbench.jobs import Listener, Pack


class Dask:
    """An executor over the workers of a running Dask scheduler.

    Parameters
    ----------
    workers
        How many of them may be used at once; None: all, also those that join later.
    devices
        One: "auto" (each worker's own GPU, or the CPU where it has none), "cpu" or "cuda".
    scheduler
        Its address, or the scheduler file that it wrote; "": ``$DASK_SCHEDULER_ADDRESS``.
    timeout
        Seconds to wait for it to answer.

    Raises
    ------
    MissingExtra
        If Dask is not installed.
    ClusterError
        If the scheduler does not answer.
    """

    elsewhere: ClassVar[bool] = True  # no device of this machine is used

    def __init__(
        self,
        workers: int | None = None,
        devices: Sequence[str] = ("auto",),
        *,
        scheduler: str = "",
        timeout: float = 10.0,
    ) -> None:
        needs_dask("dask")
        self.workers = workers
        self.device = one_device("dask", devices)
        self.where = _where(scheduler)
        self.timeout = timeout
        with connected(self.where, timeout):  # before anything is read
            pass

    def preload(self) -> Sequence[str]:
        """Nothing: its workers are started elsewhere."""
        return ()

    def at_once(self) -> int:
        """As many packs as there are workers now, of those that may be used."""
        with connected(self.where, self.timeout) as client:
            here = len(client.scheduler_info(n_workers=-1)["workers"])
        return here if self.workers is None else min(here, self.workers)

    def run(self, packs: Sequence[Pack], listen: Listener) -> None:
        """Run every pack; finished jobs are on the disk whatever happens to the rest."""
        if packs:
            with connected(self.where, self.timeout) as client:
                send_out(client, packs, listen, self.device, self.workers)


@contextmanager
def connected(to: Any, timeout: float = 10.0) -> Iterator[Any]:
    """A client of a scheduler or a cluster. What it has to say in a log is an error here.

    Raises
    ------
    ClusterError
        If the scheduler does not answer.
    """
    from distributed import Client

    log = logging.getLogger("distributed.client")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        try:
            client = Client(to, timeout=timeout, set_as_default=False, name="serbench")
        except (OSError, ValueError, ImportError) as error:
            raise ClusterError(
                f"the Dask scheduler {to} does not answer: {error}",
                expected="a scheduler that was started by `dask scheduler` and can be reached",
                advice="look at its address in its log, and whether a firewall stands between",
            ) from error
        with client:
            yield client
    finally:
        log.setLevel(level)


def needs_dask(executor: str) -> None:
    """See that Dask is here.

    Raises
    ------
    MissingExtra
        If it is not.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise MissingExtra("dask", "cluster", f"the executor {executor!r}") from error


def send_out(
    client: Any,
    packs: Sequence[Pack],
    listen: Listener,
    device: str,
    most: int | None,
    tend: Tend = lambda left, spare: (),
) -> None:
    """Run packs by the workers of a client's scheduler.

    Parameters
    ----------
    device, most
        See :class:`serbench.executors.crew.Crew`.
    tend
        See :class:`serbench.executors.dispatch.Dispatch`.
    """
    packs = [tuple(travelling(job) for job in pack) for pack in packs]
    with asking(job for pack in packs for job in pack) as asked:
        crew = Crew(facts(asked), device, most)
        Dispatch(client, crew, asked, listen, tend).run(packs)


def _where(scheduler: str) -> str:
    """The address of a scheduler, from what was said or the environment."""
    import dask

    said = scheduler or dask.config.get("scheduler-address", None)
    if not said:
        raise UsageError(
            "--executor dask without a scheduler",
            expected="--scheduler tcp://HOST:8786, its scheduler file, or $DASK_SCHEDULER_ADDRESS",
            advice="`dask scheduler` starts one, and says its address",
        )
    path = Path(said).expanduser()
    if "://" in said or not (os.sep in said or path.suffix == ".json" or path.exists()):
        return str(said)
    try:
        return str(json.loads(path.read_bytes())["address"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClusterError(
            f"{path} is not the file of a running scheduler: {error}",
            expected="what `dask scheduler --scheduler-file FILE` wrote, on a shared file system",
        ) from error
