"""Which function works on which kind of job."""

JOBS = {
    "orders.import": "customers.actions.imports.import_ndjson",
    "policies.backtest": "insights.actions.run_backtest",
}
