"""A data folder whose files are stored in a bucket (S3), with copies of those that are used on the disk."""
