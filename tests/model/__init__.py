"""The model is frozen values and pure rules; what is said of them holds for every value, not only for examples."""
