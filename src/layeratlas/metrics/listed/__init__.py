"""The project's own metrics, a module each for what they are about. Light to import."""
