"""What do a file, a run and this machine hold?"""
