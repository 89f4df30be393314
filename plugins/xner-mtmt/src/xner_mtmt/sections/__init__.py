"""What MTMT's paper shows of a finished run, as sections of its page (Li et al. 2022, table 6, figures 5 and 6)."""
