"""Money on the desk: shown on a return's page, decided line by line, paid by hand."""
