"""Which of these faces are one person, where nobody says who they are?"""
