"""What comes in, by whichever channel, becomes messages and conversations."""
