"""What operators touch: settings, the `boxoffice` command, embedded services, deployment and audit tools."""
