"""What Comeback costs, as ratios to what nothing but Django and nothing but SQL cost on the same machine."""
