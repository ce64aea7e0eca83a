"""Groups of faces for the eye."""
