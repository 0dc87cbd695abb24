"""Who may do what: keys, codes and passwords, kept as hashes; roles; limits on guessing."""
