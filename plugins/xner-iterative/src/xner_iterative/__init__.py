"""Iterative knowledge distillation: students that teach the next, and sentences picked for them."""
