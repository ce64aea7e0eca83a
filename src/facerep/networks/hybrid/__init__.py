"""The hybrid ConvNet-RBM: networks that look at two faces at once, and what is put on top of them."""
