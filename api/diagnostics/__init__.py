"""Whether everything works and fits: readiness, doctor, evaluation."""
