"""Find: localize, track."""
