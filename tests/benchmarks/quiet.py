"""The office as it is, without access logs: `BOXOFFICE_APPLICATION=tests.benchmarks.quiet:application`."""

from cluster.settings import load
from serve_app.deployment import application as application_for

LOGGING = {"enable_access_log": False}

application = application_for(load().config(), logging_config=LOGGING)
