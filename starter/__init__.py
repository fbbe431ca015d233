"""What a participant begins with: data, a sample submission, a baseline notebook, and reference models."""
