"""From differences to claims: tests whose unit is the one that the claim is about."""
