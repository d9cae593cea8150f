"""Files that survive a crash: durable folders, blobs, immutable segments of page vectors."""
