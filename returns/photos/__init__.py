"""Photos from strangers, made safe: decoded apart from the web process and written anew."""
