"""What computes: devices, memory, processes, and jobs in several of them."""
