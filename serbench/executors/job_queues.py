"""Workers that a cluster's own queue starts: one job a worker, one worker a GPU.

The Dask scheduler runs in this process. What a job may use (partition, account, GPU, memory, time)
is the cluster's matter and is read from Dask's own configuration, a section of ``jobqueue.yaml``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from serbench.errors import MissingExtra, UsageError
from serbench.executors.crew import one_device
from serbench.executors.dask import connected, needs_dask, send_out
from serbench.executors.fitness import ClusterError
from serbench.jobs import Listener, Pack


class JobQueue:
    """An executor over jobs of a queue, by dask-jobqueue.

    Parameters
    ----------
    workers
        How many jobs. One that ends before the work does is put into the queue again.
    devices
        One: "auto" (the GPU that the queue gave to the job, or the CPU), "cpu" or "cuda".
    config
        The section of ``jobqueue.yaml``; "": the queue's own, which also stands for whatever
        another section leaves out.

    Raises
    ------
    MissingExtra
        If Dask or dask-jobqueue is not installed.
    UsageError
        If it is not said how many jobs.
    ClusterError
        If there is no such queue here, or the section does not say what a job needs.
    """

    elsewhere: ClassVar[bool] = True  # no device of this machine is used
    name: ClassVar[str]  # of the executor, and of the usual section
    cluster: ClassVar[str]  # dask-jobqueue's class

    def __init__(
        self,
        workers: int | None = None,
        devices: Sequence[str] = ("auto",),
        *,
        config: str = "",
    ) -> None:
        needs_dask(self.name)
        self.device = one_device(self.name, devices)
        if workers is None:
            raise UsageError(
                f"--executor {self.name} without --workers",
                expected="--workers N: as many jobs, each with one worker and one GPU",
            )
        self.workers = workers
        self.config = config or self.name
        submit = self._job_class().submit_command
        if shutil.which(submit) is None:
            raise ClusterError(
                f"there is no {submit} on this machine",
                expected=f"a machine that may put jobs into the queue of {self.name}",
                advice="--executor dask reaches workers that were started in another way",
            )
        try:
            self.script()
        except (ValueError, TypeError, KeyError) as error:
            raise ClusterError(
                f"the section {self.config!r} of jobqueue.yaml does not do: "
                f"{str(error).splitlines()[0]}",
                expected=f"jobqueue: {{{self.config}: {{cores: 4, memory: 32GB, ...}}}} in "
                "~/.config/dask/jobqueue.yaml",
                advice="docs/clusters.md has one to start from",
            ) from error

    def script(self) -> str:
        """What is put into the queue for each job, but for its name and the scheduler's address."""
        with self._section() as said:
            job = self._job_class()("tcp://SCHEDULER", name="NAME", **said)
        return str(job.job_script())

    def preload(self) -> Sequence[str]:
        """Nothing: its workers are started by the queue."""
        return ()

    def at_once(self) -> int:
        """As many packs as jobs are asked for."""
        return self.workers

    def run(self, packs: Sequence[Pack], listen: Listener) -> None:
        """Run every pack; finished jobs are on the disk whatever happens to the rest."""
        if not packs:
            return
        import dask

        refusals: list[str] = []
        job_class = _telling(self._job_class(), refusals.append)

        def tend(left: int, spare: Sequence[str]) -> list[str]:
            self._keep(cluster, left, spare)
            told, refusals[:] = refusals[:], []
            return told

        with (
            self._section() as said,
            self._cluster_class()(
                job_cls=job_class,
                scheduler_options={
                    "dashboard_address": ":0",
                    **(dask.config.get(f"jobqueue.{self.config}.scheduler-options") or {}),
                },
                **said,
            ) as cluster,
            connected(cluster) as client,
        ):
            send_out(client, packs, listen, self.device, None, tend)

    def _keep(self, cluster: Any, left: int, spare: Sequence[str]) -> None:
        """Have as many jobs as there is work for: replace the lost, give back the idle."""
        if spare:
            cluster.sync(cluster.scale_down, list(spare))
        names = {str(worker["name"]) for worker in cluster.scheduler_info["workers"].values()}
        begun = [
            job
            for job in cluster.worker_spec
            if job in names or any(name.startswith(f"{job}-") for name in names)
        ]
        # Never fewer than have begun: Dask would end any of them, busy or not.
        cluster.scale(jobs=max(len(begun), min(self.workers, left)))

    def _cluster_class(self) -> Any:
        try:
            import dask_jobqueue
        except ImportError as error:
            raise MissingExtra("dask-jobqueue", "cluster", f"the executor {self.name!r}") from error
        return getattr(dask_jobqueue, self.cluster)

    def _job_class(self) -> Any:
        return self._cluster_class().job_cls

    @contextmanager
    def _section(self) -> Iterator[dict[str, Any]]:
        """Arguments of a job or a cluster; meanwhile the section has all that it must have."""
        import dask

        usual = dask.config.get(f"jobqueue.{self.name}")
        said = dask.config.get(f"jobqueue.{self.config}", None) or {}
        if not said:
            raise ValueError("there is no such section")
        whole = dask.config.merge(usual, said)
        if not whole.get("processes"):
            whole["processes"] = 1  # Dask's guess is by the number of cores
        with dask.config.set({f"jobqueue.{self.config}": whole}):
            yield {"config_name": self.config}


class Slurm(JobQueue):
    """Jobs of Slurm."""

    name, cluster = "slurm", "SLURMCluster"


class PBS(JobQueue):
    """Jobs of PBS or Torque."""

    name, cluster = "pbs", "PBSCluster"


class SGE(JobQueue):
    """Jobs of Grid Engine."""

    name, cluster = "sge", "SGECluster"


class LSF(JobQueue):
    """Jobs of LSF."""

    name, cluster = "lsf", "LSFCluster"


def _telling(job_class: Any, tell: Callable[[str], None]) -> Any:
    """A kind of job that tells why the queue refused it, where Dask would not."""
    from distributed.deploy.spec import ProcessInterface

    class Telling(job_class):  # type: ignore[misc]
        async def start(self) -> None:
            try:
                await super().start()
            except (RuntimeError, ValueError, OSError) as error:
                lines = [line for line in str(error).splitlines() if line.strip()]
                tell(f"{self.submit_command} refused a job: {lines[-1] if lines else error!r}")
                await ProcessInterface.start(self)

    return Telling
