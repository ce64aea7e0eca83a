"""What `train` says at its end."""
