"""The web application: the JSON API of Box Office, on whatever carries its questions to the actors."""
