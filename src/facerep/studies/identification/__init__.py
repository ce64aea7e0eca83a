"""Who of a gallery is this face, if anybody? Closed set, open set, the look-up of one picture."""
