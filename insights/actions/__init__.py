"""Asking the past: what a policy would have decided."""

from insights.actions.backtest import join_parts, latest_backtest, plan_backtest, run_part, start_backtest

__all__ = ["join_parts", "latest_backtest", "plan_backtest", "run_part", "start_backtest"]
