"""What two parts agree on, proved from both sides."""
