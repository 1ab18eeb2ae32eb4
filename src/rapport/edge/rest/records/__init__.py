"""`/rest/{objects}`: the records of every object, standard or custom."""
