"""Training: a recipe and faces in, a run folder out.

Floor 8. Start reading at recipe.py (every choice), then train.py (the order of things) and tutor.py (the step).
"""
