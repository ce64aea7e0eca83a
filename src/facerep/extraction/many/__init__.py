"""Many shards: each becomes one part of a folder, by whoever is free: features, or aligned faces.

Floor 8. Start reading at all_shards.py; work.py does one shard, an engine sends shards to workers.
"""
