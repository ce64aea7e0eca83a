"""Which view does a face show, and which units know the view and which the person?"""
