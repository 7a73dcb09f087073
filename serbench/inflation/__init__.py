"""What each shortcut of the literature is worth: one model, one corpus, down a ladder of protocols.

Every step tests the same utterances of one corpus under one label space, so that two steps are
compared utterance by utterance, and the difference has an interval with the speaker as its unit.
"""
