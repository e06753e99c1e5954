"""What runs on the far side of a sandbox's wall: no module here is imported by the trusted process for its own use."""
