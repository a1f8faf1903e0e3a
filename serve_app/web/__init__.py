"""The web pages: a client of the API in the same process. Every action works as a plain form; scripts only add life."""
