"""One answer on its way: what the model is shown, its words as they come, and what backs them at the end."""
