"""Which functions work on which kind of job: one function, or a plan, a part and what joins the parts."""

from accounts.actions import InParts

JOBS: dict[str, str | InParts] = {
    "orders.import": "customers.actions.imports.import_ndjson",
    "policies.backtest": InParts(
        plan="insights.actions.plan_backtest",
        part="insights.actions.run_part",
        join="insights.actions.join_parts",
    ),
}
