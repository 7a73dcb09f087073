"""What logits mean for each kind of task, held against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from serbench.errors import ModelError
from serbench.labels import Classes, Scale, Tags
from serbench.nets.outputs import answers, outputs_of, right, usual_loss, usual_reading, width

CLASSES, SCALE, TAGS = Classes(("a", "b", "c")), Scale(-3.0, 3.0), Tags(("x", "y"))
LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 0.0, 3.0]])


class Says(nn.Module):
    def __init__(self, said):
        super().__init__()
        self.said = said

    def forward(self, inputs):
        return self.said


def test_columns():
    assert [width(task) for task in (CLASSES, SCALE, TAGS)] == [3, 1, 2]


def test_logits_alone_or_among_more():
    seen = torch.ones(2, 4)
    assert list(outputs_of(Says(LOGITS), {})) == ["logits"]
    outputs = outputs_of(Says({"representation": seen, "logits": LOGITS.half()}), {})
    assert outputs["representation"] is seen
    assert outputs["logits"].dtype == torch.float32


@pytest.mark.parametrize(("said", "found"), [({}, "nothing"), ({"logit": LOGITS}, "logit")])
def test_a_module_without_logits_is_refused(said, found):
    with pytest.raises(ModelError, match=f"returned {found}"):
        outputs_of(Says(said), {})


def test_answers_are_what_the_losses_take():
    assert answers(CLASSES, np.array([2, 0], np.int32)).dtype == torch.int64
    assert answers(SCALE, np.array([0.5, -2.0])).tolist() == [0.5, -2.0]
    assert answers(SCALE, np.array([1, 2])).dtype == torch.float32
    tags = answers(TAGS, np.array([[True, False]]))
    assert (tags.dtype, tags.tolist()) == (torch.float32, [[1.0, 0.0]])


def test_losses():
    y = answers(CLASSES, np.array([0, 1]))
    logs = LOGITS.numpy() - np.log(np.exp(LOGITS.numpy()).sum(1, keepdims=True))
    assert usual_loss(CLASSES, LOGITS, y) == pytest.approx(-(logs[0, 0] + logs[1, 1]) / 2)
    soft = 0.7 * np.eye(3)[[0, 1]] + 0.1
    smooth = usual_loss(CLASSES, LOGITS, y, smoothing=0.3)
    assert smooth == pytest.approx(-(soft * logs).sum() / 2)
    values = torch.tensor([[1.0], [-2.0]])
    assert usual_loss(SCALE, values, torch.tensor([0.5, 1.0])) == pytest.approx((0.5 + 3.0) / 2)
    share = 1 / (1 + np.exp(-LOGITS.numpy()[:, :2]))
    truth = np.array([[1.0, 0.0], [0.0, 1.0]])
    crossed = -(truth * np.log(share) + (1 - truth) * np.log(1 - share)).mean()
    loss = usual_loss(TAGS, LOGITS[:, :2], torch.tensor(truth, dtype=torch.float32))
    assert loss == pytest.approx(crossed)


def test_readings():
    shares = np.exp(LOGITS.numpy())
    np.testing.assert_allclose(
        usual_reading(CLASSES, LOGITS), shares / shares.sum(1, keepdims=True), rtol=1e-6
    )
    assert torch.equal(usual_reading(SCALE, LOGITS[:, :1]), LOGITS[:, :1])
    tags = usual_reading(TAGS, LOGITS[:, :2])
    np.testing.assert_allclose(tags, 1 / (1 + np.exp(-LOGITS.numpy()[:, :2])), rtol=1e-6)


def test_hits():
    assert right(CLASSES, LOGITS, torch.tensor([0, 1])) == 1
    # 1.4 is 1 to the nearest; 0.5 goes to the even 0, as numpy and the field's ACC7 round.
    said = torch.tensor([[1.4], [0.5], [-2.6]])
    assert right(SCALE, said, torch.tensor([1.0, 0.0, -2.0])) == 2
    tags = torch.tensor([[0.9, 0.1], [0.9, 0.6]])
    assert right(TAGS, tags, torch.tensor([[1.0, 0.0], [1.0, 0.0]])) == 1
