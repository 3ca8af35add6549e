"""What ``plexe-auth doctor`` looks at, a file for each part of it."""
