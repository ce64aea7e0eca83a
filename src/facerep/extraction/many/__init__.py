"""Extraction of many shards: each becomes one part of a feature folder, by whoever is free.

Floor 8. Start reading at extract_many.py; work.py does one shard, an engine sends shards to workers.
"""
