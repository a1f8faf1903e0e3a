"""The Serve application of this environment's settings: what `boxoffice up` and `cluster.deploy` import."""

from cluster.settings import load
from serve_app.deployment import application as application_for

application = application_for(load().config())
