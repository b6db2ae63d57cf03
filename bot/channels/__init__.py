"""Channels: one folder each, protocol in, protocol out."""
