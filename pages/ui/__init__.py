"""What pages share: the shell, who is asking, filters in the address, words for errors."""
