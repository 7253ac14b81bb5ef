"""What pixels show: text and codes found, read, explained and redacted. Loaded only where pixels are looked at."""
