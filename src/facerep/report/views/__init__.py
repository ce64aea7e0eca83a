"""Reports of views: their error in degrees, and what is read from which units."""
