"""Methods: short scripts over stages that are computed once."""
