"""Calibrated confidence of matches by the offline encoder.

Logistic regression of whether a listener expects the sound, on the first three matches of every
labelled photo; `python -m benchmarks.tuning` prints the fit, with whole sources held
out, and `python -m benchmarks.matching` how far it is right. J. Platt, "Probabilistic Outputs for
Support Vector Machines", 1999.
"""

import math

CONSTANT, BY_SCORE, BY_SUPPORT = 2.3, 0.26, 1.35
UNSURE = 0.5  # below it, the page says that it is not sure
LEAST_SUPPORT = 0.02


def confidence(score: float, support: float) -> float:
    """Return the probability (0 to 1) that a match is right.

    `score` is its lead over the photo's mean cosine, in spreads; `support` what knowledge expects.
    """
    log_odds = CONSTANT + BY_SCORE * score + BY_SUPPORT * math.log(support + LEAST_SUPPORT)
    return 1.0 / (1.0 + math.exp(-log_odds))
