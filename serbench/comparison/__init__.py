"""Models held against each other, on every board that they share, by every test that suits it."""
