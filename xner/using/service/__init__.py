"""What the service is made of, beside its answers: messages, its page, limits on clients, the words of Label Studio."""
