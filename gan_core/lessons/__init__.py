"""What single lessons compute, each module named after its lesson where one lesson uses it."""
