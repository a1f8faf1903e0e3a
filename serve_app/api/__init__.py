"""The handlers of the JSON API, one module per thing it is about."""
