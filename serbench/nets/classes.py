"""The classes of a task, for nets that end with a softmax over them."""

from __future__ import annotations

from serbench.errors import ModelError
from serbench.labels import Classes, Task


def class_count(task: Task) -> int:
    """How many classes a task tells apart.

    Raises
    ------
    ModelError
        If it is a scale or a set of tags.
    """
    if not isinstance(task, Classes):
        raise ModelError(
            f"the task is {task.record()}", expected="classes: the net ends with a softmax"
        )
    return len(task.names)
