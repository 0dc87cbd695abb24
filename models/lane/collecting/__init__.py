"""Making lane data: which poses, which drives, into which shards."""
