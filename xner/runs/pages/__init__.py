"""What the page of a run is made from: the run as its sections look at it, when it ends or once more."""
