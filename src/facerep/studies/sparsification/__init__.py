"""What does a sparse network keep, and what does it cost?"""
