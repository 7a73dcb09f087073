"""What a model does while it trains and answers: the rules that only a running model can break.

A split can be audited on paper. Whether a model looks at the test set as a whole, carries something
from one fold into the next, reads its answers off file names or opens target audio shows only when
it runs. A worker therefore watches every training (:mod:`serbench.behaviour.observer`) and stores
what it saw (:class:`serbench.behaviour.problem.Behaviour`) beside the predictions; what needs
further trainings or other files is asked by an audit.

========  ===============================================================  ==================
rule      broken where                                                     found by
========  ===============================================================  ==================
L09       an answer depends on which test utterances are asked together,   invariance, state
          or predicting changes what was fitted
L10       it depends on the other utterances of the same speaker           invariance
L18       it depends on a file's name or place, or knows a label that no   names, drawn_labels
          sound tells
L20       it depends on the order asked, on what was asked before, or on   invariance, folds,
          what was trained before                                          drawn_labels
L21       a declared feature depends on other utterances                   features
L22       the model opens test audio by itself, and the protocol's target  watch
          access does not allow for it
========  ===============================================================  ==================
"""
