"""The report of a lane training: what was learnt, how well, where it fails, and what the network looks at."""

from models.lane.report.errors import command_errors, mean_errors
from models.lane.report.histogram import SteeringHistogram
from models.lane.report.validation_log import ValidationLog
from models.lane.report.write import write_report

__all__ = ["SteeringHistogram", "ValidationLog", "command_errors", "mean_errors", "write_report"]
