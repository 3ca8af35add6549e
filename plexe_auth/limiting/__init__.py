"""How many requests a bucket has had, and whether one more fits. Who a bucket stands for is not known here."""
