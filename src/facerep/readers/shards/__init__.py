"""Faces in tar shards as WebDataset has them: written by `facerep data shard`, read back, and those of others."""
