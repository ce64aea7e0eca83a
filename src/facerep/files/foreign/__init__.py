"""Files of others: what is unpickled of them, and how much they may become when they are unpacked."""
