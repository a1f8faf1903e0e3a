"""The live stream: what changes in MongoDB, told to every open page."""
