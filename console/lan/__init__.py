"""What others on the network need: addresses of this machine, a certificate for them, a link."""
