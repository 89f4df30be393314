"""What the service of a student is made of, beside its answers: limits on clients, and the words of Label Studio."""
