"""What the difference of each test is of: three numbers that need not agree, even in sign."""

POOLED = "pooled"  # of scores over all utterances; any other is a mean, each part counting once
ESTIMANDS = {
    "corrected": "folds",
    "corrected two-way": "folds",
    "uncorrected": "folds",
    "jackknife": POOLED,
    "two-way": POOLED,
    "bootstrap": POOLED,
    "two-way bootstrap": POOLED,
    "none": POOLED,
    "leave-one-corpus-out": "pairs",
    "sign-flip": "speakers",
    "wilcoxon": "speakers",
}
