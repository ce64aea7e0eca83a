"""What DeepID2+ claims, beside what our results measured."""
