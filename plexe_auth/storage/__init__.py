"""Where rows are kept. A store knows tables, rows and conditions, and never what a key is."""
