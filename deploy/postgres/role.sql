-- Run once on a new database. Behind PgBouncer in transaction mode a connection cannot carry these itself.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER ROLE comeback SET lock_timeout = '3s';
ALTER ROLE comeback SET statement_timeout = '15s';
ALTER ROLE comeback SET idle_in_transaction_session_timeout = '30s';
