"""Find and verify the checkpoint of any model: visual encoders and answer models use it alike."""
