"""The pages. They arrange and call `desk`; they decide nothing."""
