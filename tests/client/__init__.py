"""What customers install: keys that follow a rotation, patience, and a key that goes nowhere but to its API."""
