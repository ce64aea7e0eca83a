"""Making a trained network sparse, layer by layer, and training it again."""
