"""Methods that project labels onto text of the target's language."""
