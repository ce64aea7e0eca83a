"""Is a trained network better than the bundled weights?"""
