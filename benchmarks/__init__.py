"""What things cost, as ratios of two things measured side by side in one run. Nothing here fails a build."""
