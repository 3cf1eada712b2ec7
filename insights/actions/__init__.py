"""Asking the past: what a policy would have decided."""

from insights.actions.backtest import latest_backtest, run_backtest, start_backtest

__all__ = ["latest_backtest", "run_backtest", "start_backtest"]
