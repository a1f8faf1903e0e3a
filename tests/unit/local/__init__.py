"""What `make run` consists of, each part by itself."""
