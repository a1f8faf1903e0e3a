"""serve_app.live."""
