"""Are the faces in two photographs one person?"""
