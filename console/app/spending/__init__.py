"""What sessions cost: prices, a counter that survives restarts, limits, and who is stopped by them."""
