"""Initial-value rules: what weights and biases start from, tensor by tensor."""
