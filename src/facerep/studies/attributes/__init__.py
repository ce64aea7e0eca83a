"""What do faces look like? Linear SVMs on features, on HOG, or on networks that were taught attributes."""
