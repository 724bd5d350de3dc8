"""The old modules by their names: a script changes one import."""
