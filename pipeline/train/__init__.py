"""Training data and recipes; nothing else imports this."""
