"""What the program finds, beside what is true: simulated companies whose truth is known, on seeds nobody tuned on."""
