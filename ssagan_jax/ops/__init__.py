"""Pure array functions the models and losses are made of."""
