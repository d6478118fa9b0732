"""What agreements will bring, and what of them was delivered."""
