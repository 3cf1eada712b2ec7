"""Orders from outside the API: any CSV through a mapping, NDJSON, and the report of refused rows."""
