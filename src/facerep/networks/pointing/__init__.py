"""Networks that find the five points of a face: what they see of a picture, and the cascade."""
