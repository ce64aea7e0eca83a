"""`facerep attributes`: what faces look like: sex, smile, glasses and others, by linear SVMs on features."""
