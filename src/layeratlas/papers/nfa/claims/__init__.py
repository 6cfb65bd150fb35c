"""Claims of "Feature learning as alignment", a module an idea."""
