"""What people are told, and how it reaches them: messages, channels and the outbox."""
