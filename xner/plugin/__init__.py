"""What a component is, and how those that are installed are found."""
