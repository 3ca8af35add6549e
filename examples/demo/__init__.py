"""The demo: a small protected API on localhost, a tour of it by real requests, and then the API left up to try."""
