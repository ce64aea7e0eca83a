"""The claims of DeepID2+ for the eye."""
