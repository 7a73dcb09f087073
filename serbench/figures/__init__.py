"""Figures: charts that are drawn without a browser and without a network."""
