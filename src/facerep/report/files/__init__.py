"""What commands say of files, data sets, networks and this machine: facts, one a line."""
