"""The engine's own sections."""
