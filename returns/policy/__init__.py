"""The shop's rules for returns: a document and the facts in, a decision that explains itself out."""
