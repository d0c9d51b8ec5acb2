"""Words of certainty to odds: "almost certainly" is a number with its interval.

The words are data with sources: a survey of 5,174 people (CAPphrase, CC BY 4.0), published yardsticks, and for modal
verbs and the like what labellers gave 425 predictions in news articles.
"""

from sayso.posts import Probability
from sayso.reading.odds.describe import describe_odds
from sayso.reading.odds.find import find_odds
from sayso.reading.odds.read import read_odds
from sayso.reading.odds.tables import YARDSTICKS, Yardstick

__all__ = ["YARDSTICKS", "Probability", "Yardstick", "describe_odds", "find_odds", "read_odds"]
