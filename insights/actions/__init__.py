"""Asking the past: what a policy would have decided."""

from insights.actions.backtest import run_backtest, start_backtest

__all__ = ["run_backtest", "start_backtest"]
