"""The OpenAPI document: what the handlers say of themselves, put together."""
