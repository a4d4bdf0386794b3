"""The people of the operation: invented persons, what identifies them, their accounts on the platform."""
