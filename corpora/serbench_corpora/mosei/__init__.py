"""Readers of CMU-MOSEI's label files, of which there are five kinds and no two alike.

``videos.csv.xz`` is made by ``corpora/make_mosei_videos.py`` from the labels and folds of the CMU
Multimodal SDK, whose licence is ``videos.LICENSE.txt``.
"""
