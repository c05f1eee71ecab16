"""What every server of the protocol needs: requests read, answers written, first bytes sorted."""
