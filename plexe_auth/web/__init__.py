"""What our own pages and interfaces over HTTP share: routes, exchanges and mounts; no route is known here."""
