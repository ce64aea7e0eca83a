"""The lesson of five points: its squares, how they are changed, what is learned from them."""
