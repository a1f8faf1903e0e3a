"""The stylesheet and the script: served under names that change with their content, so that browsers keep them."""

from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serve_app.refusals import NOT_FOUND, ApiError

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static"
TYPES = {".css": "text/css", ".js": "text/javascript"}
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The static files, in memory."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read `folder`, once."""
        contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self._addresses = {name: f"{PREFIX}/{_fingerprinted(name, each)}" for name, each in contents.items()}
        self._files = {self._addresses[name]: each for name, each in contents.items()}

    def address(self, name: str) -> str:
        """Where a file is served at present."""
        return self._addresses[name]

    def route(self) -> Route:
        """The route that serves them."""
        return Route(f"{PREFIX}/{{name}}", self.serve)

    async def serve(self, request: Request) -> Response:
        """One file.

        Raises:
            ApiError: there is none at this address, or no longer.
        """
        content = self._files.get(request.url.path)
        if content is None:
            raise ApiError(NOT_FOUND)
        media_type = TYPES[Path(request.url.path).suffix]
        return Response(content, media_type=media_type, headers={"Cache-Control": FOREVER})


def _fingerprinted(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{sha256(content).hexdigest()[:12]}.{suffix}"
