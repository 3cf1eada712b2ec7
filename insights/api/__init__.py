"""The REST operations on what the past tells."""

from insights.api.backtests import BacktestPolicy

__all__ = ["BacktestPolicy"]
