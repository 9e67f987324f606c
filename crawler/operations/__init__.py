"""What an operator sees: status, doctor, metrics, retention, disk space."""
