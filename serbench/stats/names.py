"""What tests are called in words, and what their units are."""

NAMES = {  # of tests, in words, and their units
    "corrected": ("corrected t-test (Nadeau and Bengio)", "folds"),
    "corrected two-way": ("corrected t-test (Nadeau and Bengio) with seeds", "folds"),
    "jackknife": ("jackknife t-test", "speakers"),
    "two-way": ("jackknife t-test with seeds", "speakers"),
    "bootstrap": ("bootstrap t-test", "speakers"),
    "two-way bootstrap": ("bootstrap t-test with seeds", "speakers"),
    "none": ("t-test", "speakers"),
    "leave-one-corpus-out": ("leave-one-corpus-out t-test", "corpora"),
    "uncorrected": ("plain paired t-test, uncorrected", "folds"),
    "sign-flip": ("exact sign-flip test", "speakers"),
    "wilcoxon": ("Wilcoxon signed-rank test", "speakers"),
}
