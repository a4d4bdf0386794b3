"""The four exhibits of the operation, each made from the story and from the exhibits upstream of it."""
