"""LNet, and how its response maps are read: windows, and what held-out pictures tell of them."""
