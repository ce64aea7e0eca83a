"""Where is a face in every frame?"""
