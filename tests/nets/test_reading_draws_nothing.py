"""Features that draw random numbers when they are first computed leave a training as it is."""

from __future__ import annotations

import torch


def test_weights_are_the_same_whether_features_were_cached(tiny, speech):
    class Loading(tiny):
        """As with an encoder: loading it draws weights, which are then loaded over."""

        first = True

        def arrays(self, data, i):
            if self.first:
                torch.rand(3)
            return super().arrays(data, i)

    class Cached(Loading):
        first = False

    drew, quiet = (make(epochs=1).fit(speech(12), seed=0) for make in (Loading, Cached))
    for name, weight in drew.module_.state_dict().items():
        assert torch.equal(weight, quiet.module_.state_dict()[name]), name
