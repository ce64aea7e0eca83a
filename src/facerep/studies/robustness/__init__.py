"""What is left when a part of the face is covered?"""
