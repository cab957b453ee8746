"""Which claims tell the same result, where sources disagree, where one overstates another."""
