"""What `train` reports at its end."""
