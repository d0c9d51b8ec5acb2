"""The parts of a forecast in its content: what it hinges on, by when, how sure.

Rules propose the phrases that could be a part (clauses behind "if" and its like, phrases that the grammar of dates
reads, words of certainty), the network proposes what it tags, and a logistic regression says how likely each is.
"""

from sayso.reading.parts.candidates import Candidate, Place, candidates
from sayso.reading.parts.outside import conditions_outside
from sayso.reading.parts.scorer import Chosen, choose

__all__ = ["Candidate", "Chosen", "Place", "candidates", "choose", "conditions_outside"]
