"""Faces: the table of faces, and their pixels from file to batch.

Floor 3. Start reading at table.py; decode.py opens a picture, crops.py cuts the face out of it, augment.py and
batches.py work on whole batches on the device.
"""
