"""Who of a gallery is this face, and is it anybody? Closed and open set; the look-up of one picture."""
