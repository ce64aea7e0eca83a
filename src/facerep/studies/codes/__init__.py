"""What do bits cost, and what do they save?"""
