"""What agreements are worth a year, and why that changed: contract gain and loss."""
