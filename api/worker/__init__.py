"""Work in the background: jobs, compaction, webhooks."""
