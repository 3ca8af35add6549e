"""What can be done, step by step: the only floor with sequence. Each public method is an operation of either mode."""
