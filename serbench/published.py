"""One number of a paper, with what a reader needs to set it beside a measured one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from serbench.audit.evidence import Printed
from serbench.audit.printed import attainable, grain
from serbench.protocols import Selection

AGGREGATION_UNSAID = "whether pooled or a mean over folds is not said"
OTHER_DRAW = "its own folds are another draw"  # how the doubt begins that says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One number of a paper.

    Parameters
    ----------
    paper, table, method, year
        Where it stands, and the row's own name there. ``year`` is the method's, "" if not known.
    corpora
        By our names: "emodb", "casia+emodb" for several at once, "casia->emodb" for a pair.
    labels, protocol, target_access
        By our names; "" where the paper does not say.
    selection
        The rule that chose the epoch; "" where it is not said.
    aggregation
        "fold_mean"; "pooled" over folds; "fold" (one fold by itself); "run_mean" or "best_run" of
        ``n_runs`` trainings; or "unknown".
    metric
        As in the records of boards: ua, wa, ua_sd, acc7, acc2_non0, recall_anger, ...
    value, unit
        As printed, "79.36", in "percent", "points" or, "<0.0001", as a "p" value.
    spread, spread_over
        What stands behind its +-, in points, and over what. None: nothing does.
    n_runs
        Trainings of each fold; None: not said.
    model, settings
        The registered model and the settings of it that are that row; "" and None where the method
        has not been re-implemented.
    unmatched
        Why it stands beside no board; empty if it may.
    counts
        Utterances of each class that it can only be a share of; empty: not known, or no help.
    printed_corpora, printed_protocol, printed_metric
        The same in the words of the sources.
    source
        Whether the paper prints it or somebody's code, and where.
    doubts
        What a reader should know of it, a clause each.
    """

    paper: str
    table: str
    method: str
    year: str
    corpora: str
    labels: str
    protocol: str
    selection: Selection | str
    target_access: str
    aggregation: str
    metric: str
    value: str
    unit: str
    spread: float | None
    spread_over: str
    n_runs: int | None
    model: str
    settings: Mapping[str, Any] | None
    unmatched: tuple[str, ...]
    counts: tuple[int, ...]
    printed_corpora: str
    printed_protocol: str
    printed_metric: str
    source: str
    doubts: tuple[str, ...]

    @property
    def number(self) -> float | None:
        """The value; None of a bound such as "<0.0001"."""
        return None if self.value.startswith("<") else float(self.value)

    @property
    def share(self) -> float | None:
        """A percentage as a share of 1, as boards have it; None of other units."""
        number = self.number
        return None if number is None or self.unit != "percent" else number / 100

    @property
    def decimals(self) -> int:
        """How many it is printed with."""
        return len(self.value.partition(".")[2])

    @property
    def other_draw(self) -> bool:
        """Whether its folds are known to be another draw than those of its protocol."""
        return any(doubt.startswith(OTHER_DRAW) for doubt in self.doubts)

    @property
    def query(self) -> str:
        """A question that counting raises (rule L24 of the audit); "" if there is none.

        Rounding on the way explains many a one: it is a question to the authors and no more.
        """
        steps = self._steps()
        if steps is None or attainable(self.value, steps):
            return ""
        return f"no count of {sum(self.counts)} utterances gives {self.value}"

    def _steps(self) -> int | None:
        """How many equal steps lie between 0 and 100 %, if that is known."""
        if not self.counts or self.unit != "percent":
            return None
        metric: Literal["UA", "WA"] = (
            "UA" if self.metric == "ua" else "WA"
        )  # a recall: of one class
        return grain(Printed(self.source, metric, self.value, classes=self.counts))

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.paper}, {self.source.removeprefix('paper, ')}"

    def record(self) -> dict[str, Any]:
        """All fields as JSON values, with ``query``."""
        own = {part.name: getattr(self, part.name) for part in fields(self)}
        told = {
            name: list(value) if isinstance(value, tuple) else value for name, value in own.items()
        }
        return {**told, "number": self.number, "query": self.query}
