"""Training by several devices, of one machine or of many."""
