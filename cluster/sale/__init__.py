"""`boxoffice flash-sale`: a crowd of buyers for a few tickets, and then the proof of what became of them.

The load comes from one process on one event loop; what that costs is measured and reported beside the server's
figures, so that nobody takes the one for the other.
"""
