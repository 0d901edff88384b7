"""Samples for training: composed photographs, and what the network should say of them."""
