"""Tell: report, models, doctor."""
