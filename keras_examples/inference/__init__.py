"""What a trained network is for: it classifies pictures and continues series."""
