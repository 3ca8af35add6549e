"""What was decided is written down before it is told, and stored soon after: nothing is lost, nothing counted twice."""
