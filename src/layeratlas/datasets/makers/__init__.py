"""From a recipe to the arrays that it asks for, before static noise: one maker a sort of source."""
