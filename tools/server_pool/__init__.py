"""Real S3 servers for tests: built in pinned versions, started on 127.0.0.1, stopped by what started them."""
