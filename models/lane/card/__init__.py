"""The model card: what a shipped model is, where it comes from, how good it is and where it ends."""

from models.common.card.sections import add_section
from models.lane.card.figures import add_figures
from models.lane.card.write import write_card

__all__ = ["add_figures", "add_section", "write_card"]
